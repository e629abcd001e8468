// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <custody/crypto/secret.hpp>
#include <custody/crypto/secret_text.hpp>
#include <custody/keys/secret_file.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// Whether all bytes are printable: 32 random ones are so once in 10^13, 32 typed ones always.
[[nodiscard]] inline bool looks_typed(ByteView bytes) noexcept {
  unsigned strange = 0;
  for (const std::byte each : bytes) {
    const auto value = std::to_integer<unsigned>(each);
    strange |= static_cast<unsigned>(value < 0x20) | static_cast<unsigned>(value > 0x7E);
  }
  return strange == 0;
}

/// Whether a file's access list lets in nobody but its owner and `user`: systemd gives a service's user the right to read
/// in this way, and the list's mask then looks like a right of the group. False when there is no list.
[[nodiscard]] inline bool list_names_only(int fd, ::uid_t user) noexcept {
  std::byte list[4 + 8 * 32];
  const auto size = ::fgetxattr(fd, "system.posix_acl_access", list, sizeof list);
  if (size <= 4 || (size - 4) % 8 != 0) return false;
  CanonicalReader from({list, static_cast<std::size_t>(size)});
  if (from.number<std::uint32_t>() != 2) return false;
  while (from.ok() && !from.at_end()) {
    const auto tag = from.number<std::uint16_t>();
    const auto rights = from.number<std::uint16_t>();
    const auto id = from.number<std::uint32_t>();
    const bool ours = tag == 0x01 || tag == 0x10 || (tag == 0x02 && id == user);  // owner, mask, a named user
    if (!ours && rights != 0) return false;
  }
  return from.ok();
}

/// Opens a credential for reading: a file of ours or of root's that nobody else may read, in a directory of ours or of
/// root's that nobody else may change. Errors: not_found, unsafe_permissions, storage_failed.
[[nodiscard]] inline Result<FileHandle> open_credential(const char* folder, const std::string& name) noexcept {
  const bool plain = !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
                     name.find('\0') == std::string::npos;
  if (folder == nullptr || folder[0] != '/' || !plain) return Errc::not_found;
  const ::uid_t us = ::geteuid();
  struct ::stat facts{};
  const FileHandle directory(::open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.is_open() || ::fstat(directory.fd(), &facts) != 0)
    return errno == ENOTDIR ? Errc::unsafe_permissions : errno_code(errno);
  if ((facts.st_uid != us && facts.st_uid != 0) || (facts.st_mode & 022) != 0) return Errc::unsafe_permissions;
  FileHandle file(::openat(directory.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open() || ::fstat(file.fd(), &facts) != 0) return errno_code(errno);
  const bool owned = facts.st_uid == us || facts.st_uid == 0;
  if (!S_ISREG(facts.st_mode) || !owned || facts.st_nlink > 1 || (facts.st_mode & 037) != 0)
    return Errc::unsafe_permissions;
  if ((facts.st_mode & 040) != 0 && !list_names_only(file.fd(), us)) return Errc::unsafe_permissions;
  return file;
}

/// A key from a credential: 32 bytes that are not all printable, or its text with one line feed at most. Errors:
/// truncated, malformed, no_memory, storage_failed.
[[nodiscard]] inline Result<SecretKey> read_credential(const FileHandle& file) noexcept {
  std::byte buffer[80];
  std::size_t size = 0;
  ::ssize_t got = 1;
  while (got > 0 && size != sizeof buffer) {
    got = ::read(file.fd(), buffer + size, sizeof buffer - size);
    if (got > 0) size += static_cast<std::size_t>(got);
    if (got < 0 && errno == EINTR) got = 1;
  }
  const ByteView all(buffer, size);
  auto key = [&]() noexcept -> Result<SecretKey> {
    if (got < 0) return Errc::storage_failed;
    if (size < SecretKey::size) return Errc::truncated;
    if (size == SecretKey::size) {
      if (looks_typed(all)) return Errc::malformed;
      return SecretKey::copy_of(all);
    }
    std::string_view text = as_text(all);
    if (text.ends_with('\n')) text.remove_suffix(1);
    return key_from_text(text);
  }();
  wipe(buffer, sizeof buffer);
  return key;
}

/// Takes a key's text out of the environment: every entry of that name is overwritten where it stands and removed,
/// whatever it says. Errors: not_found, malformed, no_memory.
[[nodiscard]] inline Result<SecretKey> take_from_environment(const char* variable) noexcept {
  const std::size_t length = variable == nullptr ? 0 : std::strlen(variable);
  if (length == 0 || std::strchr(variable, '=') != nullptr) return Errc::not_found;
  Result<SecretKey> key = Errc::not_found;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, variable, length) != 0 || (*entry)[length] != '=') continue;  // public: a name
    char* const value = *entry + length + 1;
    const std::size_t size = std::strlen(value);
    if (!key && key.error() == Errc::not_found)
      key = size == 43 ? key_from_text({value, size}) : Result<SecretKey>(Errc::malformed);
    wipe(value, size);
  }
  static_cast<void>(::unsetenv(variable));
  return key;
}

}  // namespace custody::inline v0::detail
