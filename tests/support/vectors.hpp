// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace custody_test {

/// The path of a file in tests/vectors/: frozen bytes that open for ever.
inline std::string vector_path(const std::string& name) {
  const std::string here = __FILE__;
  return here.substr(0, here.rfind('/') + 1) + "../vectors/" + name;
}
/// Its bytes; empty when it is not there.
inline std::string vector_bytes(const std::string& name) {
  std::ifstream in(vector_path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace custody_test
