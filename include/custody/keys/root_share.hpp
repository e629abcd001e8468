// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <custody/crypto/base64.hpp>
#include <custody/crypto/hash.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/crypto/secret_text.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {
namespace detail {

/// What all shares of one split say alike: a random name, how many open it, how many there are, and a commitment to the
/// root, by which a wrong result is known. The commitment tells nothing else about a random 256-bit key.
struct ShareSet {
  std::array<std::byte, 16> name{};
  std::uint8_t needed = 0;
  std::uint8_t count = 0;
  Digest commitment{};

  [[nodiscard]] Digest commitment_to(const SecretKey& root) const noexcept {
    const std::byte sizes[2] = {std::byte{needed}, std::byte{count}};
    return blake2b<32>({as_bytes("custody.split.1"), name, sizes}, root.view());
  }
  [[nodiscard]] friend bool operator==(const ShareSet&, const ShareSet&) noexcept = default;
};

}  // namespace detail

/// One of n shares of a root key, of which any k give the root and fewer tell nothing about it (Shamir 1979, over
/// GF(256), byte by byte). A secret like a k-th of the root: on paper in a safe, or a token; never all in one place.
/// Move-only; the bytes lie in locked memory.
class RootShare {
 public:
  static constexpr std::size_t size = 100;  ///< of the binary form
  static constexpr std::size_t most_shares = 255;

  [[nodiscard]] unsigned index() const noexcept { return index_; }  ///< 1 to count()
  [[nodiscard]] unsigned needed() const noexcept { return set_.needed; }
  [[nodiscard]] unsigned count() const noexcept { return set_.count; }
  [[nodiscard]] bool same_split(const RootShare& other) const noexcept { return set_ == other.set_; }

  /// The binary form: version, k, n, index, set, commitment, share, checksum. Errors: moved_from.
  [[nodiscard]] Result<WipedBytes> bytes() const {
    if (share_.empty()) return Errc::moved_from;
    WipedBytes out(size);
    std::byte* to = out.data();
    const std::byte head[4] = {version, std::byte{set_.needed}, std::byte{set_.count}, std::byte{index_}};
    const auto put = [&to](ByteView part) {
      std::memcpy(to, part.data(), part.size());
      to += part.size();
    };
    put(head);
    put(set_.name);
    put(set_.commitment);
    put(share_.view());
    put(checksum({out.data(), told}));
    return out;
  }
  /// The same as a printable line, `custody-share-1 <k>-of-<n> <index> <base64url>`, without an end. A secret: wipe it
  /// (`custody::wipe`) once it is printed. Errors: moved_from.
  [[nodiscard]] Result<std::string> line() const {
    const auto all = bytes();
    if (!all) return all.error();
    std::string out = head_of(set_.needed, set_.count, index_);
    char text[digits + 1];
    detail::secret_base64_write(text, all->view());
    out.reserve(out.size() + digits);
    out.append(text, digits);
    wipe(text, sizeof text);
    return out;
  }
  /// Reads what bytes() wrote. Errors: truncated, malformed for another version or impossible numbers, tampered for a
  /// wrong checksum, no_memory.
  [[nodiscard]] static Result<RootShare> from_bytes(ByteView all) noexcept {
    if (all.size() < size) return Errc::truncated;
    if (all.size() != size || all[0] != version) return Errc::malformed;
    if (!constant_time_equal(checksum(all.first(told)), all.last(checksum_size))) return Errc::tampered;
    CanonicalReader from(all.subspan(1));
    RootShare read;
    read.set_.needed = from.number<std::uint8_t>();
    read.set_.count = from.number<std::uint8_t>();
    read.index_ = from.number<std::uint8_t>();
    const auto take = [&from](ByteSpan to) { std::memcpy(to.data(), from.raw(to.size()).data(), to.size()); };
    take(read.set_.name);
    take(read.set_.commitment);
    if (!possible(read.set_.needed, read.set_.count) || read.index_ == 0 || read.index_ > read.set_.count)
      return Errc::malformed;
    auto share = SecretKey::copy_of(from.raw(SecretKey::size));
    if (!share) return share.error();
    read.share_ = std::move(*share);
    return read;
  }
  /// Reads what line() wrote, one line feed more at most; nothing else is read. Errors: those of from_bytes().
  [[nodiscard]] static Result<RootShare> from_line(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.size() < std::string_view(title).size() || text.substr(0, std::string_view(title).size()) != title)
      return std::string_view(title).starts_with(text) ? Errc::truncated : Errc::malformed;
    std::size_t space = std::string_view(title).size() - 1;
    for (int word = 0; word != 2 && space != std::string_view::npos; ++word) space = text.find(' ', space + 1);
    if (space == std::string_view::npos) return Errc::truncated;
    const std::string_view coded = text.substr(space + 1);
    if (coded.size() < digits) return Errc::truncated;
    WipedBytes all(size);
    if (!detail::secret_base64_read(all.span(), coded)) return Errc::malformed;
    auto share = from_bytes(all.view());
    if (share && text.substr(0, space + 1) != head_of(share->set_.needed, share->set_.count, share->index_))
      return Errc::tampered;
    return share;
  }

 private:
  friend class SplitRoot;
  static constexpr std::byte version{1};
  static constexpr std::size_t checksum_size = 16;
  static constexpr std::size_t told = size - checksum_size;
  static constexpr std::size_t digits = base64url_size(size);
  static constexpr const char* title = "custody-share-1 ";
  RootShare() noexcept = default;

  [[nodiscard]] static constexpr bool possible(std::size_t needed, std::size_t count) noexcept {
    return 2 <= needed && needed <= count && count <= most_shares;
  }
  /// Finds damage and slips of the pen, not forgery: that is what the commitment is for.
  [[nodiscard]] static std::array<std::byte, checksum_size> checksum(ByteView bytes) noexcept {
    return blake2b<checksum_size>({as_bytes("custody.share.1"), bytes});
  }
  [[nodiscard]] static std::string head_of(unsigned needed, unsigned count, unsigned index) {
    return std::string(title) + std::to_string(needed) + "-of-" + std::to_string(count) + " " + std::to_string(index) +
           " ";
  }

  detail::ShareSet set_;
  std::uint8_t index_ = 0;
  SecretKey share_;
};

}  // namespace custody::inline v0
