// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace custody_test {

/// Calls of libsodium's ciphers by this program so far; host_shape_test.cpp stands in front of them.
[[nodiscard]] std::size_t cipher_calls();

}  // namespace custody_test
