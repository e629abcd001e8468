// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <custody/crypto/entropy.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// Owns a file descriptor. Move-only.
class FileHandle {
 public:
  FileHandle() noexcept = default;
  explicit FileHandle(int fd) noexcept : fd_(fd) {}
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  FileHandle(FileHandle&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileHandle& operator=(FileHandle&& other) noexcept {
    if (this == &other) return *this;
    const FileHandle old(fd_);
    fd_ = other.fd_;
    other.fd_ = -1;
    return *this;
  }
  ~FileHandle() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// The error code for a failed system call.
[[nodiscard]] inline Errc errno_code(int code) noexcept {
  switch (code) {
    case ENOENT: return Errc::not_found;
    case ENOMEM: return Errc::no_memory;
    case ENOSPC:
    case EDQUOT: return Errc::disk_full;
    case EROFS: return Errc::read_only;
    case EEXIST: return Errc::already_there;
    case ELOOP: return Errc::unsafe_permissions;  // O_NOFOLLOW met a symbolic link
    default: return Errc::storage_failed;
  }
}

/// Writes all bytes at an offset.
[[nodiscard]] inline Result<void> write_at(int fd, ByteView bytes, std::uint64_t offset) noexcept {
  std::size_t done = 0;
  while (done != bytes.size()) {
    const auto put = ::pwrite(fd, bytes.data() + done, bytes.size() - done, static_cast<::off_t>(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno_code(errno);
    if (put == 0) return Errc::storage_failed;
    done += static_cast<std::size_t>(put);
  }
  return {};
}

/// Fills the whole buffer from an offset. Errors: truncated when the file ends before.
[[nodiscard]] inline Result<void> read_at(int fd, ByteSpan out, std::uint64_t offset) noexcept {
  std::size_t done = 0;
  while (done != out.size()) {
    const auto got = ::pread(fd, out.data() + done, out.size() - done, static_cast<::off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_code(errno);
    if (got == 0) return Errc::truncated;
    done += static_cast<std::size_t>(got);
  }
  return {};
}

[[nodiscard]] inline Result<void> sync_data(int fd) noexcept {
  if (::fdatasync(fd) != 0) return errno_code(errno);
  return {};
}

/// The directory of a file that holds secrets, opened, and the file's name in it. Refuses a directory in which other
/// people may replace files. Errors: unsafe_permissions, not_found, storage_failed.
struct SecretPlace {
  FileHandle directory;
  std::string name;

  [[nodiscard]] static Result<SecretPlace> of(const std::string& path) {
    const auto slash = path.rfind('/');
    SecretPlace place;
    place.name = slash == std::string::npos ? path : path.substr(slash + 1);
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    if (place.name.empty() || path.find('\0') != std::string::npos) return Errc::not_found;
    place.directory = FileHandle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct ::stat facts{};
    if (!place.directory.is_open() || ::fstat(place.directory.fd(), &facts) != 0) return errno_code(errno);
    if ((facts.st_mode & S_IWOTH) != 0 && (facts.st_mode & S_ISVTX) == 0) return Errc::unsafe_permissions;
    return place;
  }
  /// Opens the file. Refuses symbolic links, other owners, other names of the same file, and what a group or the world
  /// may read or write. Errors: not_found, unsafe_permissions, storage_failed.
  [[nodiscard]] Result<FileHandle> open(int flags) const {
    FileHandle file(::openat(directory.fd(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open()) return errno_code(errno);
    struct ::stat facts{};
    if (::fstat(file.fd(), &facts) != 0) return errno_code(errno);
    const bool safe =
        S_ISREG(facts.st_mode) && facts.st_uid == ::geteuid() && (facts.st_mode & 077) == 0 && facts.st_nlink <= 1;
    if (!safe) return Errc::unsafe_permissions;
    return file;
  }
  /// Whether the name is that of an open file still.
  [[nodiscard]] bool names(const FileHandle& file) const noexcept {
    struct ::stat here{};
    struct ::stat there{};
    return ::fstat(file.fd(), &here) == 0 &&
           ::fstatat(directory.fd(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 && here.st_ino == there.st_ino &&
           here.st_dev == there.st_dev;
  }
  /// Whether the name is in use, by anything.
  [[nodiscard]] bool taken() const noexcept {
    struct ::stat facts{};
    return ::fstatat(directory.fd(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
  }
  /// A new, empty file of mode 0600 under another name that nobody can guess; `temporary` gets the name.
  [[nodiscard]] Result<FileHandle> create_temporary(std::string& temporary) const {
    std::uint64_t random = 0;
    if (!draw_entropy({reinterpret_cast<std::byte*>(&random), sizeof random})) return Errc::no_randomness;
    char suffix[32];
    static_cast<void>(std::snprintf(suffix, sizeof suffix, ".%016llx.new", static_cast<unsigned long long>(random)));
    temporary = name + suffix;
    FileHandle file(
        ::openat(directory.fd(), temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open() || ::fchmod(file.fd(), 0600) != 0) return errno_code(errno);
    return file;
  }
  /// Gives a temporary file its name, for good: only if the name is free, unless `replace`. Errors: already_there.
  [[nodiscard]] Result<void> publish(const FileHandle& file, const std::string& temporary, bool replace) const {
    const int at = directory.fd();
    bool good = ::fsync(file.fd()) == 0;
    if (good && replace) good = ::renameat(at, temporary.c_str(), at, name.c_str()) == 0;
    if (good && !replace) good = rename_if_free(temporary);
    if (good) good = ::fsync(at) == 0;
    const int code = errno;
    if (good) return {};
    static_cast<void>(::unlinkat(at, temporary.c_str(), 0));
    return errno_code(code);
  }
  /// The whole file in one step, durable when this returns; on any error what was there stays. Errors: already_there
  /// unless `replace`, no_randomness, disk_full, storage_failed.
  [[nodiscard]] Result<void> write_whole(ByteView bytes, bool replace) const {
    std::string temporary;
    auto file = create_temporary(temporary);
    if (!file) return file.error();
    auto written = write_at(file->fd(), bytes, 0);
    if (written) return publish(*file, temporary, replace);
    static_cast<void>(::unlinkat(directory.fd(), temporary.c_str(), 0));
    return written;
  }

 private:
  [[nodiscard]] bool rename_if_free(const std::string& temporary) const {
    const int at = directory.fd();
    if (::renameat2(at, temporary.c_str(), at, name.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    if (::linkat(at, temporary.c_str(), at, name.c_str(), 0) != 0) return false;
    return ::unlinkat(at, temporary.c_str(), 0) == 0;
  }
};

}  // namespace custody::inline v0::detail
