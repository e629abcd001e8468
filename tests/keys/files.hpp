// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <custody/keys/key_file.hpp>
#include <custody/keys/root_key.hpp>

#include "crypto/support.hpp"
#include "support/temp_dir.hpp"

namespace test {

/// A directory for one test, in memory where there is one: syncing is free there.
class Folder : public custody_test::TempDir {
 public:
  Folder() : TempDir(std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp") {}
  std::size_t files() const {
    const std::filesystem::directory_iterator all(path());
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
};

using custody_test::file_bytes;
/// Writes a file of mode 0600, in place of what was there.
inline void write_file(const std::string& path, const std::string& content, unsigned mode = 0600) {
  ::unlink(path.c_str());
  std::ofstream(path, std::ios::binary) << content;
  ::chmod(path.c_str(), mode);
}

inline custody::RootKey root_of(unsigned char fill) {
  return std::move(*custody::RootKey::from_bytes(custody::Bytes(32, static_cast<std::byte>(fill))));
}
inline custody::Handle handle(unsigned char fill) {
  custody::Handle out;
  out.bytes.fill(static_cast<std::byte>(fill));
  return out;
}
/// A wrapped key whose bytes can be searched for in a file.
inline custody::WrappedKey wrapped(custody::Handle owner, custody::Handle holder, std::uint32_t generation,
                                   unsigned seed) {
  custody::WrappedKey key{owner, holder, generation, {1'700'000'000'000 + generation}, pattern(72, seed), {}};
  const auto print = pattern(32, seed + 1000);
  std::copy(print.begin(), print.end(), key.fingerprint.begin());
  return key;
}
inline custody::IndexRow index_row(custody::Handle subject, std::uint32_t space, unsigned seed) {
  custody::IndexRow row{space, {}, subject, {}};
  const auto bytes = pattern(32, seed + 5000);
  std::copy(bytes.begin(), bytes.begin() + 16, row.value.begin());
  std::copy(bytes.begin() + 16, bytes.end(), row.row.begin());
  return row;
}
inline bool same(const custody::WrappedKey& a, const custody::WrappedKey& b) {
  return a.handle == b.handle && a.holder == b.holder && a.generation == b.generation && a.created == b.created &&
         a.wrapped == b.wrapped && a.fingerprint == b.fingerprint;
}

}  // namespace test
