// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// A database file's place on disk, checked by name only: opening and closing the file here would drop the locks that
/// another connection of this process holds on it.
class SqliteFile {
 public:
  explicit SqliteFile(const std::string& path) : path_(path) {
    const bool plain = !path.empty() && path.front() == '/';
    if (!plain) path_.insert(0, "./");  // "file:..." and ":memory:" are file names here, never SQLite's own forms
    const auto slash = path_.rfind('/');
    folder_ = slash == 0 ? "/" : path_.substr(0, slash);
    named_ = !path.empty() && path_.back() != '/' && path.find('\0') == std::string::npos;
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// Whether files can be made beside it.
  [[nodiscard]] bool folder_writable() const noexcept {
    return ::faccessat(AT_FDCWD, folder_.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
  }
  /// Its length; not_found when there is none. Errors: storage_failed when it is no regular file.
  [[nodiscard]] Result<std::uint64_t> length() const {
    if (!named_) return Errc::storage_failed;
    struct ::stat facts{};
    if (::stat(path_.c_str(), &facts) != 0) return errno == ENOENT ? Errc::not_found : Errc::storage_failed;
    if (!S_ISREG(facts.st_mode)) return Errc::storage_failed;
    return static_cast<std::uint64_t>(facts.st_size);
  }
  /// Refuses a secret file that is a link, has another name or another owner, that a group or the world may read or
  /// write, or that lies where others may replace it; its write-ahead log as well. Errors: unsafe_permissions.
  [[nodiscard]] Result<void> check_secret() const {
    struct ::stat facts{};
    if (::stat(folder_.c_str(), &facts) != 0) return errno == ENOENT ? Errc::not_found : Errc::storage_failed;
    if ((facts.st_mode & S_IWOTH) != 0 && (facts.st_mode & S_ISVTX) == 0)
      return Error{Errc::unsafe_permissions, "keys"};
    for (const char* tail : {"", "-wal", "-shm"}) {
      if (!is_private(path_ + tail)) return Error{Errc::unsafe_permissions, "keys"};
    }
    return {};
  }
  /// Makes it, empty, of mode 0600 under any umask; fine when another process was faster.
  [[nodiscard]] Result<void> create() const {
    if (!named_) return Errc::storage_failed;
    const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return errno == EEXIST ? Result<void>() : Result<void>(failure());
    const bool good = ::fchmod(fd, 0600) == 0;
    const Errc code = failure();
    ::close(fd);
    if (!good) return code;
    return sync_folder();
  }

 private:
  [[nodiscard]] static bool is_private(const std::string& path) {
    struct ::stat facts{};
    if (::lstat(path.c_str(), &facts) != 0) return errno == ENOENT;
    return S_ISREG(facts.st_mode) && facts.st_uid == ::geteuid() && (facts.st_mode & 077) == 0 && facts.st_nlink <= 1;
  }
  [[nodiscard]] static Errc failure() noexcept {
    switch (errno) {
      case ENOSPC:
      case EDQUOT: return Errc::disk_full;
      case EROFS:
      case EACCES:
      case EPERM: return Errc::read_only;
      case ENOENT: return Errc::not_found;
      default: return Errc::storage_failed;
    }
  }
  [[nodiscard]] Result<void> sync_folder() const {
    const int fd = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return Errc::storage_failed;
    const bool good = ::fsync(fd) == 0 || errno == EINVAL;  // some file systems cannot sync a directory
    ::close(fd);
    if (!good) return Errc::storage_failed;
    return {};
  }
  std::string path_;
  std::string folder_;
  bool named_ = false;
};

}  // namespace custody::inline v0::detail
