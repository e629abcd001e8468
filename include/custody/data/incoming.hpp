// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <custody/words/bytes.hpp>

namespace custody::inline v0 {

class IncomingOffice;

/// A request body or stanza *before* it is fields: the place where most leaks happen. Takes the bytes over, wipes
/// the source when it is an rvalue, wipes itself, prints nothing, and feeds fields. Move-only.
class Incoming {
 public:
  Incoming() noexcept = default;
  explicit Incoming(std::string_view text) : bytes_(text.size()) { copy(text); }
  explicit Incoming(const char* text) : Incoming(std::string_view(text)) {}
  explicit Incoming(std::string&& text) : Incoming(std::string_view(text)) { wipe(text); }
  explicit Incoming(Bytes&& bytes) : Incoming(as_text(bytes)) {
    wipe(bytes);
    bytes.clear();
  }
  [[nodiscard]] bool empty() const noexcept { return bytes_.size() == 0; }
  void clear() noexcept { bytes_ = WipedBytes{}; }

 private:
  friend class IncomingOffice;
  void copy(std::string_view text) noexcept {
    if (!text.empty()) std::memcpy(bytes_.data(), text.data(), text.size());
  }
  WipedBytes bytes_;
};

/// Reads an Incoming for the library's own parsers and fields.
class IncomingOffice {
 public:
  [[nodiscard]] static ByteView view(const Incoming& incoming) noexcept { return incoming.bytes_.view(); }
};

}  // namespace custody::inline v0
