// SPDX-License-Identifier: Apache-2.0
// A stream from anywhere: no crash, nothing that was not sealed here is read, and a damaged stream gives its own bytes or
// an error. The first byte of the input picks: a stream as it comes, or a recipe of damages to one that was sealed here.
#include <custody/data/attachment.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

using custody::Bytes;
using custody::ByteView;
using custody::StreamHead;
using custody::StreamReader;

struct World {
  custody::SecretKey key;
  Bytes plain;
  Bytes sealed;
  World() : plain(custody::stream_chunk * 2 + 300) {
    auto copied = custody::SecretKey::copy_of(Bytes(32, std::byte{'k'}));
    if (!copied) std::abort();
    key = static_cast<custody::SecretKey&&>(*copied);
    for (std::size_t i = 0; i != plain.size(); ++i) plain[i] = static_cast<std::byte>(i * 31 + (i >> 8U));
    auto target = custody::stream_target([this](ByteView part) {
      sealed.insert(sealed.end(), part.begin(), part.end());
      return custody::Result<void>();
    });
    auto sealer = custody::StreamSealer::start(key, custody::detail::attachment_prefix, {}, target);
    if (!sealer || !sealer->write(plain) || !sealer->finish()) std::abort();
  }
};

/// Numbers out of the input; zeros when it is used up.
class Recipe {
 public:
  explicit Recipe(ByteView in) noexcept : in_(in) {}
  [[nodiscard]] bool empty() const noexcept { return in_.empty(); }
  [[nodiscard]] std::uint64_t number(std::size_t width) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i != width && !in_.empty(); ++i) {
      value |= std::to_integer<std::uint64_t>(in_[0]) << (8 * i);
      in_ = in_.subspan(1);
    }
    return value;
  }

 private:
  ByteView in_;
};

/// Whatever opens must be the bytes that were sealed at that place.
void look(const World& world, ByteView stream, std::uint64_t offset, std::size_t length) {
  custody::BytesSource source(stream);
  auto head = StreamReader::head(source);
  if (!head) return;
  auto reader = StreamReader::open(world.key, *head, {}, source);
  auto known = StreamReader::open(world.key, *head, {}, source, world.plain.size());
  if (reader && reader->size() != world.plain.size()) std::abort();
  for (auto* one : {&reader, &known}) {
    if (!*one) continue;
    Bytes out(length);
    auto got = (*one)->read(offset, out);
    if (got && *got != 0 && std::memcmp(out.data(), world.plain.data() + offset, *got) != 0) std::abort();
    std::size_t at = 0;
    auto whole = (*one)->each([&](ByteView part) {
      if (std::memcmp(part.data(), world.plain.data() + at, part.size()) != 0) std::abort();
      at += part.size();
      return custody::Result<void>();
    });
    if (whole && (at != world.plain.size() || stream.size() != world.sealed.size() ||
                  std::memcmp(stream.data(), world.sealed.data(), stream.size()) != 0)) {
      std::abort();
    }
  }
}

Bytes damaged(const World& world, Recipe& recipe) {
  Bytes stream = world.sealed;
  for (int i = 0; i != 8 && !recipe.empty() && !stream.empty(); ++i) {
    const std::uint64_t what = recipe.number(1);
    const std::size_t at = recipe.number(3) % stream.size();
    const std::size_t length = recipe.number(3) % (stream.size() - at);
    const std::size_t to = recipe.number(3) % (stream.size() - length);
    const auto place = stream.begin() + static_cast<std::ptrdiff_t>(at);
    switch (what % 5) {
      case 0: stream[at] ^= static_cast<std::byte>(what / 5 | 1U); break;
      case 1: stream.resize(at); break;
      case 2: stream.erase(place, place + static_cast<std::ptrdiff_t>(length)); break;
      case 3: std::memmove(stream.data() + to, stream.data() + at, length); break;
      default: stream.resize(stream.size() + length, static_cast<std::byte>(what)); break;
    }
  }
  return stream;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const ByteView input{reinterpret_cast<const std::byte*>(data), size};
  Recipe recipe(input);
  const bool raw = recipe.number(1) % 2 == 0;
  const std::uint64_t offset = recipe.number(8);
  const std::size_t length = recipe.number(3) % (world.plain.size() + 70'000);
  static_cast<void>(custody::stream_plain_size(offset));
  if (custody::stream_plain_size(custody::stream_size(offset)) !=
      (offset > custody::largest_stream ? custody::no_stream : offset)) {
    std::abort();
  }
  if (raw) {
    look(world, input.size() < 12 ? ByteView{} : input.subspan(12), offset, length);
  } else {
    look(world, damaged(world, recipe), offset % (world.plain.size() + 10), length);
  }
  return 0;
}
