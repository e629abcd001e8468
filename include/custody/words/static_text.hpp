// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace custody::inline v0::detail {

/// A declared name: text of static storage that knows its length, so that a line of evidence never counts it. Stands
/// wherever a `const char*` does.
class StaticText {
 public:
  constexpr StaticText() noexcept = default;
  // NOLINTBEGIN(google-explicit-constructor)
  constexpr StaticText(const char* text) noexcept : text_(text), size_(std::string_view(text).size()) {}
  [[nodiscard]] constexpr operator const char*() const noexcept { return text_; }
  // NOLINTEND(google-explicit-constructor)
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text_, size_}; }

 private:
  const char* text_ = "";
  std::size_t size_ = 0;
};

}  // namespace custody::inline v0::detail
