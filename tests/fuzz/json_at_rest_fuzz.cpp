// SPDX-License-Identifier: Apache-2.0
// Documents at rest: whatever stands in one, a record is read whole or not at all, and shows only what was sealed here.
#include <nlohmann/json.hpp>

#include "fuzz/fuzz_world.hpp"

namespace {

using fuzz::User;
using Json = nlohmann::json;

const Json& genuine() {
  static const Json made = [] {
    Json out;
    fuzz::must(custody::at_rest::write_record(out, fuzz::world().user).has_value());
    return out;
  }();
  return made;
}

/// What a member shows may only be what was sealed for it.
template <auto Member>
void look(const User& user, const Json& document, const char* name, const char* value) {
  const auto text = fuzz::world().shown(user.*Member);
  const bool same = document.is_object() && document.contains(name) && document[name] == genuine()[name];
  fuzz::must(same ? text == value : !text.has_value());
}

void read(const Json& document, custody::at_rest::Missing missing) {
  User user;
  user.uid = "before";
  const auto done = custody::at_rest::read_record(document, *fuzz::world().place, user, missing);
  if (!done) {
    fuzz::must(user.uid == std::string("before") && !user.text.has_value() && !user.list.has_value() &&
               !user.high.has_value());
    return;
  }
  look<&User::text>(user, document, "text", "15400059572");
  look<&User::high>(user, document, "high", "secret");
  Json again;  // and what was read is written again as it was
  fuzz::must(custody::at_rest::write_record(again, user).has_value());
  for (const char* name : {"text", "list", "high"}) {
    if (document.contains(name)) fuzz::must(again[name] == document[name]);
  }
}

void try_text(std::string_view text) {
  const Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded()) return;
  read(document, custody::at_rest::Missing::refuse);
  read(document, custody::at_rest::Missing::leave);
  User user;
  static_cast<void>(custody::at_rest::read<&User::text>(document, "text", *fuzz::world().place, user.text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const custody::ByteView bytes{reinterpret_cast<const std::byte*>(data), size};
  try_text(custody::as_text(bytes));
  std::string changed = genuine().dump();
  fuzz::edit(changed, bytes);
  try_text(changed);
  if (size == 0) return 0;
  Json crossed = genuine();  // members exchanged, or given the input as their text
  const char* const names[] = {"text", "list", "high", "uid"};
  crossed[names[data[0] % 4]] = genuine()[names[data[0] / 4 % 4]];
  read(crossed, custody::at_rest::Missing::refuse);
  crossed[names[data[0] % 4]] = std::string(custody::as_text(bytes.subspan(1)));
  try_text(crossed.dump(-1, ' ', false, Json::error_handler_t::replace));
  return 0;
}
