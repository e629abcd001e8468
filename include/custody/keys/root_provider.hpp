// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <custody/crypto/secret.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/ref.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// Keeps a root key that never enters this process, such as a hardware token's, and computes its branches. A class made
/// from it declares `custody_protection`, is nothrow-movable and thread-safe, and must not call back into custody.
class RootProvider : public detail::Counted {
 public:
  RootProvider() noexcept = default;
  RootProvider(const RootProvider&) = delete;
  RootProvider& operator=(const RootProvider&) = delete;
  RootProvider& operator=(RootProvider&&) = delete;
  virtual ~RootProvider() = default;

  /// 32 bytes that depend on the kept key and on every byte of the context, and tell nothing about the key: a
  /// pseudo-random function such as HMAC-SHA-256. The same bytes for ever. Errors: the provider's own.
  [[nodiscard]] virtual Result<SecretKey> branch(ByteView context) noexcept = 0;

 protected:
  RootProvider(RootProvider&&) noexcept : Counted() {}
};

}  // namespace custody::inline v0
