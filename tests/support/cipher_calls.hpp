// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <custody/crypto/chacha_wide.hpp>

namespace custody_test {

/// Calls of libsodium's ciphers by this program so far; host_shape_test.cpp stands in front of them.
[[nodiscard]] std::size_t cipher_calls();

/// Those behind one short message of at most 320 bytes: subkey, tag, and the key stream where it is libsodium's.
[[nodiscard]] inline std::size_t short_message_calls() { return custody::detail::wide_available() ? 2 : 3; }

}  // namespace custody_test
