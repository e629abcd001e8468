// SPDX-License-Identifier: Apache-2.0
// Every border of length, in buffers that end where memory ends: one byte read or written too far is a crash.
#include <custody/crypto/suite.hpp>

#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;

namespace {

constexpr std::size_t lengths[] = {0,   1,   15,  16,   17,   31,   32,     33,     63,      64,  65,  127,
                                   128, 129, 191, 192,  193,  255,  256,    257,    319,     320, 321, 383,
                                   384, 385, 447, 448,  449,  511,  512,    513,    575,     576, 577, 767,
                                   768, 769, 895, 1023, 1024, 1025, 16'383, 16'384, 1U << 20};

/// Bytes whose last one is the last of a page before one that nobody may touch.
class Edge {
 public:
  explicit Edge(std::size_t size) : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))), size_(size) {
    inner_ = (size + page_) / page_ * page_;
    void* const memory = ::mmap(nullptr, inner_ + page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    base_ = static_cast<std::byte*>(memory);
    if (::mprotect(base_ + inner_, page_, PROT_NONE) != 0) std::abort();
    std::memset(base_, fill, inner_);
  }
  explicit Edge(ByteView bytes) : Edge(bytes.size()) {
    if (!bytes.empty()) std::memcpy(data(), bytes.data(), bytes.size());
  }
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;
  ~Edge() { ::munmap(base_, inner_ + page_); }

  [[nodiscard]] std::byte* data() const { return base_ + inner_ - size_; }
  [[nodiscard]] ByteView view() const { return {data(), size_}; }
  /// Whether nothing in front of the bytes was written to.
  [[nodiscard]] bool front_untouched() const {
    for (const std::byte* at = base_; at != data(); ++at) {
      if (*at != std::byte{fill}) return false;
    }
    return true;
  }

 private:
  static constexpr int fill = 0xEE;
  std::size_t page_;
  std::size_t size_;
  std::size_t inner_ = 0;
  std::byte* base_ = nullptr;
};

bool all_are(ByteView bytes, std::byte first, std::byte second) {
  for (const std::byte each : bytes) {
    if (each != first && each != second) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("positive control: one byte too far is a crash", "[length][fork]") {
  const Edge edge(10);
  CHECK(test::in_child([&] {
          volatile std::byte* const last = edge.data() + 9;
          *last = std::byte{1};
          return 0;
        }) == 0);
  CHECK(test::in_child([&] {
          volatile std::byte* const behind = edge.data() + 10;
          *behind = std::byte{1};
          return 0;
        }) != 0);
}

TEMPLATE_TEST_CASE("each length comes back through buffers of exactly its size", "[length]", XChaCha20Poly1305,
                   Aes256Gcm) {
  if (!TestType::available()) return;
  const auto key = std::move(*CipherKey<TestType>::from(test::key_of(3)));
  const Edge nonce(test::pattern(TestType::nonce_size, 4));
  for (const std::size_t length : lengths) {
    for (const std::size_t associated : {0U, 1U, 16U, 255U, 256U, 257U}) {
      CAPTURE(length, associated);
      const Edge aad(test::pattern(associated, 5));
      const Edge plain(test::pattern(length, 6));
      const Edge sealed(length + TestType::tag_size);
      TestType::seal(sealed.data(), plain.view(), aad.view(), nonce.data(), key);
      CHECK(sealed.front_untouched());
      const Edge back(length);
      REQUIRE(TestType::open(back.data(), sealed.view(), aad.view(), nonce.data(), key));
      CHECK(back.front_untouched());
      REQUIRE(std::memcmp(back.data(), plain.data(), length) == 0);
      // in place: the same buffer is plaintext, ciphertext and plaintext again
      const Edge both(length + TestType::tag_size);
      if (length != 0) std::memcpy(both.data(), plain.data(), length);
      TestType::seal(both.data(), {both.data(), length}, aad.view(), nonce.data(), key);
      REQUIRE(std::memcmp(both.data(), sealed.data(), length + TestType::tag_size) == 0);
      REQUIRE(TestType::open(both.data(), both.view(), aad.view(), nonce.data(), key));
      REQUIRE(std::memcmp(both.data(), plain.data(), length) == 0);
      CHECK(both.front_untouched());
    }
  }
}

TEMPLATE_TEST_CASE("an output that is one byte short is a crash, never a quiet overrun", "[length][fork]",
                   XChaCha20Poly1305, Aes256Gcm) {
  if (!TestType::available()) return;
  const auto key = std::move(*CipherKey<TestType>::from(test::key_of(3)));
  const Bytes nonce = test::pattern(TestType::nonce_size, 4);
  for (const std::size_t length : {1U, 64U, 100U, 512U, 1025U}) {
    CAPTURE(length);
    const Bytes plain = test::pattern(length, 6);
    CHECK(test::in_child([&] {
            const Edge tight(length + TestType::tag_size - 1);
            TestType::seal(tight.data(), plain, {}, nonce.data(), key);
            return 0;
          }) != 0);
    Bytes sealed(length + TestType::tag_size);
    TestType::seal(sealed.data(), plain, {}, nonce.data(), key);
    CHECK(test::in_child([&] {
            const Edge tight(length - 1);
            return TestType::open(tight.data(), sealed, {}, nonce.data(), key) ? 0 : 0;
          }) != 0);
  }
}

TEMPLATE_TEST_CASE("what does not authenticate leaves the output as it was, or wiped, at each length", "[length]",
                   XChaCha20Poly1305, Aes256Gcm) {
  if (!TestType::available()) return;
  const auto key = std::move(*CipherKey<TestType>::from(test::key_of(3)));
  const auto wrong = std::move(*CipherKey<TestType>::from(test::key_of(9)));
  const Bytes nonce = test::pattern(TestType::nonce_size, 4);
  for (const std::size_t length : lengths) {
    CAPTURE(length);
    const Bytes plain = test::pattern(length, 6);
    Bytes sealed(length + TestType::tag_size);
    TestType::seal(sealed.data(), plain, {}, nonce.data(), key);
    const auto refused = [&](const Bytes& bytes, const CipherKey<TestType>& with) {
      const std::size_t size = bytes.size() < TestType::tag_size ? 0 : bytes.size() - TestType::tag_size;
      const Edge out(size);
      return !TestType::open(out.data(), bytes, {}, nonce.data(), with) && out.front_untouched() &&
             all_are(out.view(), std::byte{0xEE}, std::byte{0});
    };
    CHECK(refused(sealed, wrong));
    Bytes changed = sealed;
    changed.front() ^= std::byte{0x80};
    CHECK(refused(changed, key));
    changed = sealed;
    changed.back() ^= std::byte{1};
    CHECK(refused(changed, key));
    changed = sealed;
    changed.pop_back();
    CHECK(refused(changed, key));
    changed = sealed;
    changed.insert(changed.end(), sealed.begin(), sealed.end());
    CHECK(refused(changed, key));
  }
}
