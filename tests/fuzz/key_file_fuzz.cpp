// SPDX-License-Identifier: Apache-2.0
// Key files: a damaged one is a typed error and stays as it is; one that opens says the same when it is opened again.
// An input is one byte of flags, then a file without the zeros of its first page: head, two slots, records. The flags say
// which tags are put right before it is opened, so that what is behind them is reached; or that the input is a script
// that edits a genuine file.
#include "fuzz/fuzz_world.hpp"

#include <algorithm>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using custody::Bytes;
using custody::ByteView;
using custody::detail::RecordCodec;

constexpr std::size_t page = 4096;
constexpr std::size_t head_size = 88;
constexpr std::size_t slots[] = {1024, 2048};
enum Fix : unsigned {
  page_tag = 1,
  slot_tags = 2,
  head_tags = 4,
  body_tags = 8,
  whole_slots = 16,
  as_it_is = 32,
  edits = 64
};

const custody::RootKey& root() {
  static const auto made = custody::RootKey::from_bytes(Bytes(32, std::byte{7}));
  return *made;
}
const std::string& path() {
  static const std::string made = (::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") +
                                  std::string("/custody-key-file-fuzz-") + std::to_string(::getpid());
  return made;
}
void put_u64(Bytes& file, std::size_t at, std::uint64_t value) {
  for (std::size_t i = 0; i != 8; ++i) file[at + i] = static_cast<std::byte>(value >> (8 * i));
}
std::uint64_t get_u32(const Bytes& file, std::size_t at) {
  return custody::CanonicalReader(ByteView(file).subspan(at, 4)).number<std::uint32_t>();
}
template <class Tag>
void put(Bytes& file, std::size_t at, const Tag& tag) {
  std::copy(tag.begin(), tag.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
}

Bytes expand(ByteView input) {
  Bytes file(page);
  const auto take = [&](std::size_t at, std::size_t count) {
    count = std::min(count, input.size());
    std::copy_n(input.begin(), count, file.begin() + static_cast<std::ptrdiff_t>(at));
    input = input.subspan(count);
  };
  take(0, head_size);
  take(slots[0], 32);
  take(slots[1], 32);
  file.insert(file.end(), input.begin(), input.end());
  return file;
}

void fix_records(Bytes& file, const RecordCodec& codec, unsigned flags) {
  for (std::size_t at = page; file.size() - at >= RecordCodec::head_size;) {
    const ByteView head = ByteView(file).subspan(at, RecordCodec::head_size);
    if ((flags & head_tags) != 0) put(file, at + 64, codec.tag('h', at, head.first(64)));
    const std::uint64_t room = RecordCodec::body_room(get_u32(file, at + 4));
    if (file.size() - at - RecordCodec::head_size < room) return;
    const std::size_t body = at + RecordCodec::head_size;
    const std::size_t end = body + static_cast<std::size_t>(room);
    const bool wiped = custody::detail::all_zero(ByteView(file).subspan(body, end - body));
    if ((flags & body_tags) != 0 && room != 0 && !wiped) {
      put(file, end - 16, codec.tag('b', at, head.last(16), ByteView(file).subspan(body, end - body - 16)));
    }
    at = end;
  }
}

/// Puts right what the flags say, as somebody with the root key would.
void fix(Bytes& file, unsigned flags) {
  RecordCodec::FileId id;
  std::copy_n(file.begin() + 24, id.size(), id.begin());
  const auto codec = RecordCodec::of(root(), id);
  if ((flags & page_tag) != 0) {
    put(file, 40, codec->root_check());
    put(file, 72, custody::blake2b<16>({ByteView(file).first(72)}));
  }
  for (const std::size_t at : slots) {
    if ((flags & whole_slots) != 0) put_u64(file, at + 8, file.size());
    if ((flags & slot_tags) != 0) put(file, at + 16, codec->tag('s', at, ByteView(file).subspan(at, 16)));
  }
  fix_records(file, *codec, flags);
}

Bytes contents() {
  std::ifstream in(path(), std::ios::binary | std::ios::ate);
  Bytes bytes(static_cast<std::size_t>(in.tellg()));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}
bool typed(custody::Errc code) {
  using custody::Errc;
  for (const Errc known : {Errc::truncated, Errc::malformed, Errc::tampered, Errc::wrong_root, Errc::wrong_schema}) {
    if (code == known) return true;
  }
  return false;
}

custody::Handle handle_of(unsigned char fill) {
  custody::Handle out;
  out.bytes.fill(static_cast<std::byte>(fill));
  return out;
}

/// What a store says of some handles, as bytes.
Bytes told(custody::KeyFile& file) {
  Bytes out;
  custody::Canonical to(out);
  std::vector<custody::Handle> dead;
  static_cast<void>(file.tombstones(dead).has_value());
  for (const auto& handle : dead) to.raw(handle.bytes);
  for (unsigned fill = 0; fill != 10; ++fill) {
    const custody::Handle handle = handle_of(static_cast<unsigned char>(fill));
    const auto newest = file.newest_generation(handle);
    const auto rows = file.index_rows_of(handle);
    const auto epoch = file.epoch(handle);
    to.number(newest ? *newest : 0xffffffffU).number(epoch ? *epoch : ~std::uint64_t{0});
    if (rows) to.number(static_cast<std::uint32_t>(rows->size()));
    for (const auto& row : rows ? *rows : std::vector<custody::IndexRow>{}) to.raw(row.value).raw(row.row);
    const auto key = file.get_key(handle, {}, newest ? *newest : 1);
    if (key) to.raw(key->fingerprint).part(key->wrapped);
  }
  return out;
}

/// A file with keys, rows, facts, counts and erasures in it, and what it says.
struct Genuine {
  Bytes bytes;
  Bytes says;
  Genuine() {
    ::unlink(path().c_str());
    {
      auto file = custody::KeyFile::open(path(), root());
      bool good = file.has_value();
      for (unsigned char i = 1; i != 6; ++i) {
        const custody::WrappedKey key{handle_of(i), {}, i, {i}, Bytes(72, std::byte{i}), {}};
        const custody::WrappedKey held{handle_of(9), handle_of(i), 1, {i}, Bytes(72, std::byte{i}), {}};
        const custody::IndexRow row{i, {std::byte{i}}, handle_of(i), {std::byte{i}}};
        good = good && file->put_key(key) && file->put_key(held) && file->put_index(row) &&
               file->raise_epoch(handle_of(i));
      }
      good = good && file->put_fact("head", Bytes(30, std::byte{3})) && file->reserve(handle_of(1), 1, 40, 100);
      good = good && file->drop_wrap(handle_of(9), handle_of(1)) && file->destroy(handle_of(2), {123});
      fuzz::must(good);
    }
    bytes = contents();
    auto again = custody::KeyFile::open(path(), root(), custody::KeyFile::Missing::refuse);
    says = told(*again);
  }
};

struct Removed {
  Removed() = default;
  Removed(const Removed&) = delete;
  Removed& operator=(const Removed&) = delete;
  ~Removed() { ::unlink(path().c_str()); }
};

void write_file(const Bytes& bytes) {
  ::unlink(path().c_str());
  std::ofstream out(path(), std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  ::chmod(path().c_str(), 0600);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned flags = data[0];
  const ByteView input{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
  static const Genuine genuine;
  const Removed removed;
  Bytes bytes;
  if ((flags & edits) != 0) {
    bytes = genuine.bytes;
    fuzz::edit(bytes, input);
  } else if ((flags & as_it_is) != 0) {
    bytes.assign(input.begin(), input.end());
  } else {
    bytes = expand(input);
    fix(bytes, flags);
  }
  write_file(bytes);
  Bytes first;
  {
    auto file = custody::KeyFile::open(path(), root(), custody::KeyFile::Missing::refuse);
    if (!file) {
      fuzz::must(typed(file.error().code) && contents() == bytes);
      return 0;
    }
    first = told(*file);
    fuzz::must((flags & edits) == 0 || first == genuine.says);
  }
  auto again = custody::KeyFile::open(path(), root(), custody::KeyFile::Missing::refuse);
  fuzz::must(again && told(*again) == first);
  const custody::Handle handle = handle_of(0xEE);
  const custody::WrappedKey key{handle, {}, 0x00FFFFFF, {1}, Bytes(72, std::byte{1}), {}};
  const auto put = again->put_key(key);
  fuzz::must(put || put.error() == custody::Errc::destroyed || put.error() == custody::Errc::already_there);
  if (put) fuzz::must(*again->newest_generation(handle) >= key.generation);
  return 0;
}
