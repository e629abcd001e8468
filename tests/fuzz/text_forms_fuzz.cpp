// SPDX-License-Identifier: Apache-2.0
// Text forms: whatever is read is the one text of what it says.
#include "fuzz/fuzz_world.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const custody::ByteView bytes{reinterpret_cast<const std::byte*>(data), size};
  const std::string_view text = custody::as_text(bytes);
  if (const auto read = custody::base64url_decode(text)) fuzz::must(custody::base64url_encode(*read) == text);
  if (const auto read = custody::base64_decode(text)) fuzz::must(custody::base64_encode(*read) == text);
  if (const auto read = custody::detail::from_text_form(text)) fuzz::must(custody::detail::to_text_form(*read) == text);
  if (const auto read = custody::PassphraseParameters::decode(text)) {
    fuzz::must(read->cost.acceptable());
    const std::string line = read->encode();
    fuzz::must(line == text || line + "\n" == text);
  }
  // what is written is read back, and nothing beside it
  const std::string url = custody::base64url_encode(bytes);
  const std::string padded = custody::base64_encode(bytes);
  const std::string form = custody::detail::to_text_form(bytes);
  fuzz::must(url.size() == custody::base64url_size(size) && custody::base64url_bytes(url.size()) == size);
  fuzz::must(custody::detail::same_bytes(*custody::base64url_decode(url), bytes));
  fuzz::must(custody::detail::same_bytes(*custody::base64_decode(padded), bytes));
  fuzz::must(custody::detail::same_bytes(*custody::detail::from_text_form(form), bytes));
  if (size >= 3) {
    std::string changed = form;
    fuzz::edit(changed, bytes.first(3));
    const auto read = custody::detail::from_text_form(changed);
    fuzz::must(!read || custody::detail::to_text_form(*read) == changed);
    fuzz::must(!custody::detail::from_text_form(form + "=") && !custody::detail::from_text_form(form + "\n"));
  }
  return 0;
}
