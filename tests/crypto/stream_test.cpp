// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/stream.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <sodium.h>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;
using test::pattern;

namespace {

constexpr std::size_t kib64 = stream_chunk;
constexpr std::size_t chunk = kib64 + 16;
constexpr std::size_t head_size = StreamHead::size;
using Sizes = std::vector<std::uint64_t>;
const Bytes prefix = test::unhex("c30100000000");
const std::string frozen_salt = "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";
const Bytes context = test::unhex("0a0b0c");

int failed(const Result<void>& result) { return result ? -1 : static_cast<int>(result.error().code); }
template <class Value>
int failed(const Result<Value>& result) {
  return result ? -1 : static_cast<int>(result.error().code);
}
constexpr int fine = -1;
constexpr int code(Errc e) { return static_cast<int>(e); }

auto into(Bytes& out) {
  return stream_target([&out](ByteView sealed) {
    out.insert(out.end(), sealed.begin(), sealed.end());
    return Result<void>();
  });
}

Bytes sealed(ByteView plain, const SecretKey& key, std::size_t piece = kib64 * 3 + 7, ByteView bound = context) {
  Bytes out;
  auto target = into(out);
  auto sealer = StreamSealer::start(key, prefix, bound, target);
  REQUIRE(sealer);
  for (std::size_t at = 0; at < plain.size(); at += piece) {
    REQUIRE(sealer->write(plain.subspan(at, std::min(piece, plain.size() - at))));
  }
  REQUIRE(sealer->size() == plain.size());
  REQUIRE(sealer->finish());
  return out;
}

/// Remembers where a stream was read.
class WatchedSource final : public StreamSource {
 public:
  explicit WatchedSource(ByteView bytes) : inner_(bytes) {}
  std::uint64_t size() const override { return claimed == no_stream ? inner_.size() : claimed; }
  Result<void> read_at(std::uint64_t offset, ByteSpan out) override {
    reads.emplace_back(offset, out.size());
    if (offset >= fails_from) return Errc::storage_failed;
    return inner_.read_at(offset, out);
  }
  /// The chunks read since the last call.
  std::vector<std::uint64_t> chunks() {
    std::vector<std::uint64_t> seen;
    for (const auto& [offset, size] : reads) seen.push_back(offset == 0 ? no_stream : (offset - head_size) / chunk);
    reads.clear();
    return seen;
  }
  std::vector<std::pair<std::uint64_t, std::size_t>> reads;
  std::uint64_t claimed = no_stream;
  std::uint64_t fails_from = no_stream;

 private:
  BytesSource inner_;
};

Result<StreamReader> opened(const SecretKey& key, StreamSource& source, ByteView bound = context) {
  auto head = StreamReader::head(source);
  if (!head) return head.error();
  return StreamReader::open(key, *head, bound, source);
}
/// The whole plaintext, read chunk by chunk, or why not.
Result<Bytes> whole(const SecretKey& key, ByteView stream, ByteView bound = context) {
  BytesSource source(stream);
  auto reader = opened(key, source, bound);
  if (!reader) return reader.error();
  Bytes out;
  auto done = reader->each([&out](ByteView part) {
    out.insert(out.end(), part.begin(), part.end());
    return Result<void>();
  });
  if (!done) return done.error();
  return out;
}
int refusal(const SecretKey& key, ByteView stream, ByteView bound = context) {
  return failed(whole(key, stream, bound));
}
Bytes part(const Bytes& bytes, std::size_t from, std::size_t length) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from),
          bytes.begin() + static_cast<std::ptrdiff_t>(from + length)};
}
Bytes glued(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& one : parts) out.insert(out.end(), one.begin(), one.end());
  return out;
}

/// Compares outside of the macros, which would print both.
bool same(const Bytes& a, const Bytes& b) { return a == b; }

/// The same construction over libsodium's own calls.
Bytes constructed(const Bytes& plain, const Bytes& parent, const Bytes& salt, const Bytes& bound) {
  const auto u32 = [](std::size_t n) {
    Bytes out;
    for (int i = 0; i != 4; ++i) out.push_back(static_cast<std::byte>(n >> (8 * i)));
    return out;
  };
  const auto text = [](std::string_view words) { return Bytes(as_bytes(words).begin(), as_bytes(words).end()); };
  const auto keyed = [](std::size_t size, const Bytes& message, const Bytes& key) {
    Bytes out(size);
    crypto_generichash(detail::raw_bytes(out.data()), size, detail::raw_bytes(message.data()), message.size(),
                       detail::raw_bytes(key.data()), key.size());
    return out;
  };
  const Bytes root = keyed(
      32, glued({text("custody.derive.1"), u32(6), text("stream"), u32(65536), prefix, salt, u32(bound.size()), bound}),
      parent);
  const Bytes key = keyed(32, glued({text("custody.derive.1"), u32(6), text("chunks")}), root);
  const Bytes both = keyed(56, text("custody.stream.1"), root);
  Bytes out = glued({prefix, salt, part(both, 0, 32)});
  for (std::size_t index = 0; index * 65536 <= plain.size(); ++index) {
    Bytes nonce = part(both, 32, 24);
    for (std::size_t i = 0; i != 8; ++i) nonce[16 + i] ^= static_cast<std::byte>(std::uint64_t{index} >> (8 * i));
    const std::size_t length = std::min<std::size_t>(65536, plain.size() - index * 65536);
    Bytes one(length + 16);
    crypto_aead_xchacha20poly1305_ietf_encrypt(detail::raw_bytes(one.data()), nullptr,
                                               detail::raw_bytes(plain.data() + index * 65536), length, nullptr, 0,
                                               nullptr, detail::raw_bytes(nonce.data()), detail::raw_bytes(key.data()));
    out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}

constexpr std::size_t tail_lengths[] = {0,
                                        1,
                                        15,
                                        16,
                                        17,
                                        63,
                                        64,
                                        65,
                                        511,
                                        512,
                                        1023,
                                        1024,
                                        1025,
                                        kib64 - 17,
                                        kib64 - 1,
                                        kib64,
                                        kib64 + 1,
                                        2 * kib64 - 1,
                                        2 * kib64,
                                        200'000,
                                        2 * kib64 + 1,
                                        3 * kib64,
                                        3 * kib64 + 1};

}  // namespace

static_assert(stream_size(0) == 86 && stream_size(1) == 87 && stream_size(65535) == 86 + 65535);
static_assert(stream_size(65536) == 70 + 65536 + 32 && stream_size(131072) == 70 + 131072 + 48);
static_assert(stream_size(largest_stream) == 70 + (1ULL << 48) + ((1ULL << 32) + 1) * 16);
static_assert(stream_size(largest_stream + 1) == no_stream && stream_size(1ULL << 63) == no_stream &&
              stream_size(no_stream) == no_stream);
static_assert(stream_plain_size(85) == no_stream && stream_plain_size(86) == 0 && stream_plain_size(0) == no_stream);
static_assert(stream_plain_size(70 + 65552) == no_stream && stream_plain_size(70 + 65552 + 15) == no_stream &&
              stream_plain_size(70 + 65552 + 16) == 65536);
static_assert(stream_plain_size(stream_size(largest_stream)) == largest_stream &&
              stream_plain_size(stream_size(largest_stream) + 1) == no_stream);
static_assert(stream_plain_size(1ULL << 63) == no_stream && stream_plain_size(no_stream) == no_stream &&
              stream_plain_size(no_stream - 1) == no_stream);
static_assert(stream_plain_size((1ULL << 32) + 86) != no_stream);

TEST_CASE("every size of a stream is the size of one plaintext", "[stream]") {
  std::uint64_t plain = 0;
  for (std::uint64_t size = 0; size != 3 * chunk + 200; ++size) {
    const std::uint64_t found = stream_plain_size(size);
    if (found == no_stream) continue;
    if (found != plain || stream_size(found) != size) FAIL(size);
    ++plain;
  }
  CHECK(plain == 3 * kib64 + 130 - 16);
  for (const std::uint64_t near : Sizes{1ULL << 31, 1ULL << 32, 1ULL << 40, (1ULL << 48) - 70'000}) {
    for (std::uint64_t n = near - 3; n != near + 70'000; ++n) {
      if (stream_plain_size(stream_size(n)) != n) FAIL(n);
    }
  }
}

TEST_CASE("what a sealer writes is what libsodium's own calls give, and opens", "[stream]") {
  const auto key = test::key_of(7);
  for (const std::size_t length : tail_lengths) {
    for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{4096}, kib64 - 1, kib64, std::size_t{77'777}}) {
      CAPTURE(length, piece);
      const Bytes plain = pattern(length, static_cast<unsigned>(length));
      const Bytes stream = sealed(plain, key, piece);
      REQUIRE(stream.size() == stream_size(length));
      CHECK(same(stream, constructed(plain, Bytes(32, std::byte{7}), part(stream, 6, 32), context)));
      auto back = whole(key, stream);
      REQUIRE(back);
      CHECK(same(*back, plain));
    }
  }
}

TEST_CASE("a byte at a time is the same stream", "[stream]") {
  const auto key = test::key_of(7);
  const Bytes plain = pattern(kib64 + 3);
  const Bytes stream = sealed(plain, key, 1);
  CHECK(same(stream, constructed(plain, Bytes(32, std::byte{7}), part(stream, 6, 32), context)));
}

TEST_CASE("any range is read, and only its chunks are", "[stream]") {
  const auto key = test::key_of(1);
  const Bytes plain = pattern(3 * kib64 + 100);
  const Bytes stream = sealed(plain, key);
  WatchedSource source(stream);
  auto reader = opened(key, source);
  REQUIRE(reader);
  CHECK(reader->size() == plain.size());
  CHECK(source.chunks() == std::vector<std::uint64_t>{no_stream, 3});  // the head, and the chunk that proves the size
  const auto check = [&](std::uint64_t offset, std::size_t length, const std::vector<std::uint64_t>& touched) {
    CAPTURE(offset, length);
    Bytes out(length, std::byte{0xEE});
    auto got = reader->read(offset, out);
    REQUIRE(got);
    const std::size_t expected = offset >= plain.size() ? 0 : std::min<std::size_t>(length, plain.size() - offset);
    CHECK(*got == expected);
    CHECK(same(part(out, 0, *got), part(plain, offset >= plain.size() ? 0 : offset, *got)));
    CHECK(same(part(out, *got, length - *got), Bytes(length - *got, std::byte{0xEE})));
    CHECK(source.chunks() == touched);
  };
  check(3 * kib64, 100, {});  // still at hand
  check(0, 1, {0});
  check(1, kib64 - 1, {});
  check(kib64 - 1, 1, {});
  check(kib64 - 1, 2, {1});
  check(kib64 + 5, 10, {});
  check(0, kib64, {0});  // straight into the caller's buffer
  check(kib64 + 5, 10, {});  // so this one is still at hand
  check(2 * kib64 - 1, kib64 + 2, {2, 3});
  check(0, plain.size(), {0, 1, 2});
  check(0, plain.size() + 1000, {0, 1, 2});
  check(5, 3 * kib64, {0, 1, 2, 3});
  check(plain.size() - 1, 5, {});
  for (const std::uint64_t past :
       Sizes{plain.size(), plain.size() + 1, 1ULL << 32U, 1ULL << 63U, no_stream - 1, no_stream}) {
    check(past, 10, {});
  }
  check(0, 0, {});
  unsigned state = 1;
  for (int i = 0; i != 200; ++i) {
    state = state * 1664525U + 1013904223U;
    const std::size_t offset = (state >> 8) % plain.size();
    const std::size_t length = (state >> 4) % 70'000;
    Bytes out(length);
    auto got = reader->read(offset, out);
    REQUIRE(got);
    CHECK(*got == std::min(length, plain.size() - offset));
    CHECK(std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*got),
                     plain.begin() + static_cast<std::ptrdiff_t>(offset)));
  }
}

TEST_CASE("parts of a range come chunk by chunk, and an error of the user ends them", "[stream]") {
  const auto key = test::key_of(1);
  const Bytes plain = pattern(3 * kib64);
  const Bytes stream = sealed(plain, key);
  WatchedSource source(stream);
  auto reader = opened(key, source);
  REQUIRE(reader);
  source.reads.clear();
  std::vector<std::size_t> parts;
  Bytes out;
  const auto take = [&](ByteView one) {
    parts.push_back(one.size());
    out.insert(out.end(), one.begin(), one.end());
    return Result<void>();
  };
  CHECK(reader->each(kib64 - 10, kib64 + 20, take));
  CHECK(parts == std::vector<std::size_t>{10, kib64, 10});
  CHECK(same(out, part(plain, kib64 - 10, kib64 + 20)));
  CHECK(source.chunks() == std::vector<std::uint64_t>{0, 1, 2});
  parts.clear();
  CHECK(reader->each(plain.size(), 10, take));
  CHECK(reader->each(no_stream, no_stream, take));
  CHECK(reader->each(5, 0, take));
  CHECK(parts.empty());
  CHECK(reader->each(plain.size() - 3, no_stream, take));
  CHECK(parts == std::vector<std::size_t>{3});
  int calls = 0;
  CHECK(failed(reader->each([&](ByteView) { return ++calls == 2 ? Result<void>(Errc::disk_full) : Result<void>(); })) ==
        code(Errc::disk_full));
  CHECK(calls == 2);
}

TEST_CASE("chunks moved, dropped, doubled or taken from elsewhere", "[stream]") {
  const auto key = test::key_of(1);
  const Bytes plain = pattern(3 * kib64 + 50);
  const Bytes a = sealed(plain, key);
  const Bytes b = sealed(plain, key);  // the same words under the same key: another salt
  CHECK_FALSE(same(a, b));
  const auto head = [](const Bytes& of) { return part(of, 0, head_size); };
  const auto at = [](const Bytes& of, std::size_t i) {
    const std::size_t from = head_size + i * chunk;
    return part(of, from, std::min(chunk, of.size() - from));
  };
  REQUIRE(refusal(key, glued({head(a), at(a, 0), at(a, 1), at(a, 2), at(a, 3)})) == fine);
  const int tampered = code(Errc::tampered);
  CHECK(refusal(key, glued({head(a), at(a, 1), at(a, 0), at(a, 2), at(a, 3)})) == tampered);
  CHECK(refusal(key, glued({head(a), at(a, 0), at(a, 2), at(a, 1), at(a, 3)})) == tampered);
  CHECK(refusal(key, glued({head(a), at(a, 1), at(a, 2), at(a, 3)})) == tampered);
  CHECK(refusal(key, glued({head(a), at(a, 0), at(a, 1), at(a, 3)})) == tampered);
  CHECK(refusal(key, glued({head(a), at(a, 0), at(a, 0), at(a, 1), at(a, 2), at(a, 3)})) == tampered);
  CHECK(refusal(key, glued({head(a), at(a, 0), at(a, 1), at(a, 2), at(a, 2), at(a, 3)})) == tampered);
  CHECK(refusal(key, glued({head(a), at(a, 0), at(a, 1), at(a, 2), at(a, 3), at(a, 3)})) == tampered);
  CHECK(refusal(key, glued({head(a), at(a, 0), at(a, 1), at(a, 2)})) == code(Errc::truncated));  // cut at a border
  CHECK(refusal(key, glued({head(a), at(a, 0)})) == code(Errc::truncated));
  CHECK(refusal(key, head(a)) == code(Errc::truncated));
  CHECK(refusal(key, glued({head(a), at(a, 3)})) == tampered);
  CHECK(refusal(key, glued({head(a), at(a, 3), at(a, 1), at(a, 2), at(a, 0)})) == tampered);
  CHECK(refusal(key, glued({head(a), at(a, 0), at(a, 3), at(a, 1), at(a, 2)})) != fine);
  for (std::size_t i = 0; i != 4; ++i) {  // spliced: one chunk of the other stream at its own place
    CAPTURE(i);
    CHECK(refusal(key, glued({head(a), at(i == 0 ? b : a, 0), at(i == 1 ? b : a, 1), at(i == 2 ? b : a, 2),
                              at(i == 3 ? b : a, 3)})) == tampered);
  }
  CHECK(refusal(key, glued({head(b), at(a, 0), at(a, 1), at(a, 2), at(a, 3)})) == tampered);
  CHECK(refusal(key, glued({head(a), at(b, 0), at(b, 1), at(b, 2), at(b, 3)})) == tampered);
  CHECK(refusal(key, glued({a, b})) != fine);
  CHECK(refusal(key, glued({a, part(b, head_size, b.size() - head_size)})) != fine);
  // parts of two heads
  CHECK(refusal(key, glued({part(a, 0, 38), part(b, 38, 32), part(a, 70, a.size() - 70)})) == tampered);
  CHECK(refusal(key, glued({part(a, 0, 6), part(b, 6, 32), part(a, 38, a.size() - 38)})) == tampered);
}

TEST_CASE("a full chunk does not pass as the last, nor a last chunk as a full one", "[stream]") {
  const auto key = test::key_of(1);
  // The holder of the key makes chunks that the sealer would not: a full chunk where the stream ends, and a short chunk
  // with more behind it.
  const Bytes plain = pattern(2 * kib64);
  const Bytes stream = sealed(plain, key);
  CHECK(refusal(key, part(stream, 0, stream.size() - 16)) == code(Errc::truncated));
  const Bytes shorter = sealed(part(plain, 0, kib64 + 100), key);
  Bytes marked = shorter;  // 100 bytes as the last chunk, then a third chunk's bytes
  marked.insert(marked.end(), stream.end() - 16, stream.end());
  CHECK(refusal(key, marked) == code(Errc::tampered));
  Bytes padded = shorter;
  padded.resize(head_size + 2 * chunk + 16);
  CHECK(refusal(key, padded) == code(Errc::tampered));
}

TEST_CASE("a stream cut anywhere, or longer than it was, does not open", "[stream]") {
  const auto key = test::key_of(1);
  const Bytes small = sealed(pattern(100), key);
  for (std::size_t size = 0; size != small.size(); ++size) {
    CAPTURE(size);
    CHECK(refusal(key, part(small, 0, size)) == code(size < 86 ? Errc::truncated : Errc::tampered));
  }
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, kib64 - 1, kib64, kib64 + 1, 2 * kib64, 2 * kib64 + 9}) {
    const Bytes stream = sealed(pattern(length), key);
    CAPTURE(length);
    for (std::size_t border = head_size; border <= stream.size(); border += chunk) {
      for (std::size_t size = border < 40 ? 0 : border - 40; size < std::min(border + 40, stream.size()); ++size) {
        if (refusal(key, part(stream, 0, size)) == fine) FAIL(size);
      }
    }
    for (const std::size_t more : {1U, 15U, 16U, 17U, 65535U, 65536U, 65552U, 65568U}) {
      Bytes longer = stream;
      longer.resize(stream.size() + more);
      if (refusal(key, longer) == fine) FAIL(more);
    }
  }
}

TEST_CASE("every bit of a stream counts", "[stream]") {
  const auto key = test::key_of(1);
  for (const std::size_t length : {0U, 1U, 40U}) {
    const Bytes stream = sealed(pattern(length), key);
    for (std::size_t bit = 0; bit != stream.size() * 8; ++bit) {
      Bytes changed = stream;
      changed[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      CAPTURE(length, bit);
      CHECK(refusal(key, changed) == code(Errc::tampered));
    }
  }
  const Bytes stream = sealed(pattern(2 * kib64), key);  // the empty last chunk is opened too
  for (std::size_t byte = stream.size() - 16; byte != stream.size(); ++byte) {
    Bytes changed = stream;
    changed[byte] ^= std::byte{1};
    BytesSource source(changed);
    CHECK(refusal(key, changed) == code(Errc::tampered));
    auto head = StreamReader::head(source);
    REQUIRE(head);
    auto reader = StreamReader::open(key, *head, context, source, 2 * kib64);  // the size is known: nothing opened yet
    REQUIRE(reader);
    CHECK(failed(reader->each([](ByteView) { return Result<void>(); })) == code(Errc::tampered));
  }
}

TEST_CASE("another key, context or prefix is told by the commitment, before any chunk is read", "[stream]") {
  const auto key = test::key_of(1);
  const Bytes stream = sealed(pattern(kib64 + 9), key);
  const auto reads = [](const SecretKey& with, const Bytes& bytes, ByteView bound) {
    WatchedSource source(bytes);
    CHECK(failed(opened(with, source, bound)) == code(Errc::tampered));
    return source.chunks();
  };
  const std::vector<std::uint64_t> only_head{no_stream};
  CHECK(reads(test::key_of(2), stream, context) == only_head);
  CHECK(reads(key, stream, {}) == only_head);
  CHECK(reads(key, stream, test::unhex("0a0b")) == only_head);
  CHECK(reads(key, stream, test::unhex("0a0b0c00")) == only_head);
  for (std::size_t byte = 0; byte != head_size; ++byte) {
    Bytes changed = stream;
    changed[byte] ^= std::byte{0x80};
    CHECK(reads(key, changed, context) == only_head);
  }
  BytesSource source(stream);
  auto head = StreamReader::head(source);
  REQUIRE(head);
  CHECK(failed(StreamReader::open(SecretKey(), *head, context, source)) == code(Errc::malformed));
}

TEST_CASE("a chunk built to open under two keys opens under the one that the head commits to", "[stream]") {
  // Made with both keys in hand by solving Poly1305 for two ciphertext blocks: authentic under either.
  const Bytes one =
      test::unhex("6d2cd973f12f221285a1fc4bd81463755e1edcd23e8f47d17249bee293f7c549d161e79587a766ec30e4037458a9905c");
  StreamHead head =
      StreamHead::read(test::unhex(std::string("c30100000000") + frozen_salt + std::string(64, '0')).data());
  const auto with = [&](unsigned char fill) {
    auto keys = detail::StreamKeys::derive(test::key_of(fill), head, context);
    REQUIRE(keys);
    Bytes plain(32);
    REQUIRE(detail::xchacha_open(plain.data(), one, {}, keys->nonce(0).data(), keys->key.data()));  // the chunk alone
    Bytes stream(StreamHead::size);
    StreamHead committed = head;
    committed.commitment = keys->commitment;
    committed.write(stream.data());
    return glued({stream, one});
  };
  const Bytes first = with(1);
  const Bytes second = with(2);
  CHECK(refusal(test::key_of(1), first) == fine);
  CHECK(refusal(test::key_of(2), second) == fine);
  CHECK(refusal(test::key_of(2), first) == code(Errc::tampered));
  CHECK(refusal(test::key_of(1), second) == code(Errc::tampered));
}

TEST_CASE("frozen streams open, and are what the construction gives", "[stream]") {
  // Made by a second implementation, in Python over hashlib and ChaCha20-Poly1305.
  const Bytes parent = test::unhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const auto key = test::key_of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const std::string start =
      std::string("c30100000000") + frozen_salt + "2312019cf28daee30cb53895e7db6de12ea2828c7039ff0188fafdae0e6b185b";
  const Bytes words =
      test::unhex(start +
                  "99d7faa23c487d0c110e815c5fb6664a3d64407c1fa36982d83508ab5c72b50bab8a6fa873302edf841dc6052a"
                  "e502d679dab1b9b99fcdd8");
  const Bytes empty = test::unhex(start + "a4a23c68b41f4aad209f4aa37c8a921f");
  const std::string_view text = "Ladies and Gentlemen of the class of '99";
  auto back = whole(key, words);
  REQUIRE(back);
  CHECK(test::text_of(*back) == text);
  back = whole(key, empty);
  REQUIRE(back);
  CHECK(back->empty());
  const Bytes salt = test::unhex(frozen_salt);
  CHECK(constructed(Bytes(as_bytes(text).begin(), as_bytes(text).end()), parent, salt, context) == words);
  Bytes plain(2 * kib64 + 5);
  for (std::size_t i = 0; i != plain.size(); ++i) plain[i] = static_cast<std::byte>(i * 7 % 251);
  const Bytes longer = constructed(plain, parent, salt, context);
  CHECK(test::hex(blake2b<32>({longer})) == "3f145e2916a92b06b59c9ee371997b80d7e74b6dedff30343112a0b057476484");
  back = whole(key, longer);
  REQUIRE(back);
  CHECK(same(*back, plain));
}

TEST_CASE("a size known from elsewhere is held against the stream", "[stream]") {
  const auto key = test::key_of(1);
  const Bytes stream = sealed(pattern(kib64 + 9), key);
  WatchedSource source(stream);
  auto head = StreamReader::head(source);
  REQUIRE(head);
  source.reads.clear();
  CHECK(failed(StreamReader::open(key, *head, context, source, kib64 + 9)) == fine);
  CHECK(failed(StreamReader::open(key, *head, context, source, kib64 + 10)) == code(Errc::truncated));
  CHECK(failed(StreamReader::open(key, *head, context, source, kib64 + 8)) == code(Errc::tampered));
  CHECK(failed(StreamReader::open(key, *head, context, source, largest_stream)) == code(Errc::truncated));
  CHECK(source.reads.empty());
}

TEST_CASE("sizes that a source only claims", "[stream]") {
  const auto key = test::key_of(1);
  const Bytes stream = sealed(pattern(100), key);
  for (const std::uint64_t size : Sizes{(1ULL << 31) - 1, 1ULL << 31, 1ULL << 32, (1ULL << 32) + 86, 1ULL << 47,
                                        1ULL << 48, stream_size(largest_stream), stream_size(largest_stream) + 1,
                                        (1ULL << 63) - 1, 1ULL << 63, no_stream - 1}) {
    CAPTURE(size);
    WatchedSource source(stream);
    source.claimed = size;
    const auto head = StreamReader::head(source);
    const int told = failed(opened(key, source));
    if (size > stream_size(largest_stream)) {
      CHECK(failed(head) == code(Errc::too_large));
      CHECK(told == code(Errc::too_large));
      CHECK(source.reads.empty());
    } else if (head) {
      CHECK(told == code(Errc::truncated));  // the source's own word for what is not there
      for (const auto& [offset, length] : source.reads) CHECK(length <= chunk);
    } else {
      CHECK(failed(head) == code(Errc::truncated));
    }
  }
}

TEST_CASE("a stream of 256 TiB is read at its far end", "[stream]") {
  const auto key = test::key_of(1);
  StreamHead head;
  auto keys = detail::StreamKeys::derive(key, head, context);
  REQUIRE(keys);
  head.commitment = keys->commitment;
  std::vector<std::uint64_t> asked;
  auto source = stream_source(stream_size(largest_stream), [&](std::uint64_t offset, ByteSpan out) {
    if (offset == 0) {
      head.write(out.data());
      return Result<void>();
    }
    const std::uint64_t index = (offset - head_size) / chunk;
    asked.push_back(index);
    if (head_size + index * chunk != offset || out.size() < 16) return Result<void>(Errc::malformed);
    const Bytes plain(out.size() - 16, static_cast<std::byte>(index));
    detail::xchacha_seal(out.data(), plain, {}, keys->nonce(index).data(), keys->key.data());
    return Result<void>();
  });
  auto reader = opened(key, source);
  REQUIRE(reader);
  CHECK(reader->size() == largest_stream);
  Bytes out(10);
  for (const std::uint64_t offset :
       Sizes{largest_stream - 10, (1ULL << 47) + 5, (1ULL << 32) * 3, 0xFFFF'FFFFULL * kib64}) {
    asked.clear();
    auto got = reader->read(offset, out);
    REQUIRE(got);
    CHECK(*got == 10);
    CHECK(asked == std::vector<std::uint64_t>{offset / kib64});
    CHECK(out == Bytes(10, static_cast<std::byte>(offset / kib64)));
  }
  CHECK(*reader->read(largest_stream - 4, out) == 4);
  CHECK(*reader->read(largest_stream, out) == 0);
}

TEST_CASE("no two chunks of a stream share a nonce", "[stream]") {
  auto keys = detail::StreamKeys::derive(test::key_of(1), StreamHead{}, context);
  REQUIRE(keys);
  std::vector<std::array<std::byte, 24>> seen;
  for (std::uint64_t i = 0; i != 3000; ++i) seen.push_back(keys->nonce(i));
  for (unsigned bit = 12; bit != 64; ++bit) seen.push_back(keys->nonce(1ULL << bit));
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("what fails in the middle leaves no plaintext in the caller's buffer", "[stream]") {
  const auto key = test::key_of(1);
  const Bytes plain = pattern(3 * kib64);
  Bytes stream = sealed(plain, key);
  stream[head_size + 2 * chunk + 5] ^= std::byte{1};
  BytesSource source(stream);
  auto reader = opened(key, source);
  REQUIRE(reader);
  Bytes out(2 * kib64 + 100, std::byte{0xEE});
  auto got = reader->read(10, out);
  REQUIRE(!got);
  CHECK(got.error() == Errc::tampered);
  CHECK(got.error().at == 2);
  CHECK(same(out, Bytes(out.size(), std::byte{0})));
  CHECK(*reader->read(10, ByteSpan(out).first(kib64)) == kib64);  // the other chunks still open
  CHECK(same(part(out, 0, kib64), part(plain, 10, kib64)));

  const Bytes good = sealed(plain, key);
  WatchedSource broken(good);
  auto again = opened(key, broken);
  REQUIRE(again);
  broken.fails_from = head_size + chunk;
  std::fill(out.begin(), out.end(), std::byte{0xEE});
  CHECK(failed(again->read(0, out)) == code(Errc::storage_failed));
  CHECK(same(out, Bytes(out.size(), std::byte{0})));
  CHECK(*again->read(5, ByteSpan(out).first(9)) == 9);
}

TEST_CASE("a target that fails ends the stream, and an unfinished one never opens", "[stream]") {
  const auto key = test::key_of(1);
  const Bytes plain = pattern(kib64);
  int left = 2;
  Bytes out;
  auto target = stream_target([&](ByteView one) {
    if (left-- == 0) return Result<void>(Errc::disk_full);
    out.insert(out.end(), one.begin(), one.end());
    return Result<void>();
  });
  auto sealer = StreamSealer::start(key, prefix, context, target);
  REQUIRE(sealer);
  CHECK(failed(sealer->write(plain)) == fine);
  CHECK(failed(sealer->write(plain)) == code(Errc::disk_full));
  left = 100;
  CHECK(failed(sealer->write(plain)) == code(Errc::disk_full));
  CHECK(failed(sealer->finish()) == code(Errc::disk_full));
  CHECK(refusal(key, out) == code(Errc::truncated));
  left = 0;
  CHECK(failed(StreamSealer::start(key, prefix, context, target)) == code(Errc::disk_full));

  for (const std::size_t length : {0U, 1U, 65535U, 65536U, 65537U, 131072U}) {
    Bytes unfinished;
    auto to = into(unfinished);
    auto started = StreamSealer::start(key, prefix, context, to);
    REQUIRE(started);
    REQUIRE(started->write(pattern(length)));
    CHECK(refusal(key, unfinished) == code(Errc::truncated));
  }
}

TEST_CASE("a sealer that ended, was moved from or never began", "[stream]") {
  const auto key = test::key_of(1);
  Bytes out;
  auto target = into(out);
  auto sealer = StreamSealer::start(key, prefix, context, target);
  REQUIRE(sealer);
  StreamSealer other = std::move(*sealer);
  CHECK(failed(sealer->write(pattern(3))) == code(Errc::moved_from));
  CHECK(failed(sealer->finish()) == code(Errc::moved_from));
  if (sizeof(std::size_t) == 8) {  // nothing that a stream could not take fits into 32 bits
    for (const std::size_t large : {~std::size_t{0} / 32768 + 1, ~std::size_t{0}})
      CHECK(failed(other.write({static_cast<const std::byte*>(nullptr), large})) == code(Errc::too_large));
  }
  CHECK(failed(other.write(pattern(3))) == fine);
  CHECK(failed(other.finish()) == fine);
  const std::size_t size = out.size();
  CHECK(failed(other.finish()) == code(Errc::already_there));
  CHECK(failed(other.write(pattern(3))) == code(Errc::already_there));
  CHECK(out.size() == size);
  CHECK(refusal(key, out) == fine);

  CHECK(failed(StreamSealer::start(SecretKey(), prefix, context, target)) == code(Errc::malformed));
  CHECK(failed(StreamSealer::start(key, test::unhex("c301000000"), context, target)) == code(Errc::malformed));
  CHECK(failed(StreamSealer::start(key, test::unhex("c3010000000000"), context, target)) == code(Errc::malformed));
  {
    const test::NoRandomness none;
    CHECK(failed(StreamSealer::start(key, prefix, context, target)) == code(Errc::no_randomness));
  }
  CHECK(out.size() == size);

  BytesSource source(out);
  auto reader = opened(key, source);
  REQUIRE(reader);
  StreamReader moved = std::move(*reader);
  Bytes three(3);
  CHECK(failed(reader->read(0, three)) == code(Errc::moved_from));
  CHECK(failed(reader->each([](ByteView) { return Result<void>(); })) == code(Errc::moved_from));
  CHECK(*moved.read(0, three) == 3);
  CHECK(three == pattern(3));
}

TEST_CASE("salts never repeat, not in a forked child either", "[stream]") {
  const auto key = test::key_of(1);
  std::vector<std::string> salts;
  for (int i = 0; i != 1000; ++i) salts.push_back(test::hex(part(sealed({}, key), 6, 32)));
  std::sort(salts.begin(), salts.end());
  CHECK(std::adjacent_find(salts.begin(), salts.end()) == salts.end());
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  CHECK(test::in_child([&] {
          const Bytes one = part(sealed({}, key), 6, 32);
          return ::write(ends[1], one.data(), one.size()) == 32 ? 0 : 1;
        }) == 0);
  Bytes childs(32);
  REQUIRE(::read(ends[0], childs.data(), childs.size()) == 32);
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK(part(sealed({}, key), 6, 32) != childs);
}
