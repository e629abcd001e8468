// SPDX-License-Identifier: Apache-2.0
// Whatever a database row or a peer gives: no crash, and no envelope opens that was not made here for this place.
#include <algorithm>

#include "fuzz/fuzz_world.hpp"

namespace {

using custody::as_text;
using custody::Bytes;
using custody::ByteView;
using fuzz::User;

/// What docs/format.md says of a header, said again.
custody::Errc verdict(ByteView bytes) {
  using custody::Errc;
  if (bytes.size() < 6) return Errc::truncated;
  if (bytes[0] != std::byte{0xC1} && bytes[0] != std::byte{0xC2}) return Errc::malformed;
  const auto* const suite = custody::detail::find_suite(static_cast<custody::SuiteId>(bytes[1]));
  if (suite == nullptr) return Errc::suite_unavailable;
  return bytes.size() < 6 + suite->overhead() ? Errc::truncated : Errc::unset;
}

void read_header(ByteView bytes) {
  const auto header = custody::EnvelopeHeader::read(bytes);
  fuzz::must((header ? custody::Errc::unset : header.error().code) == verdict(bytes));
  if (!header) return;
  std::byte again[6];
  header->write(again);
  fuzz::must(custody::detail::same_bytes(again, bytes.first(6)));
}

/// A field takes bytes as its envelope: they show a value only when they are the envelope it was sealed to.
template <auto Member>
void take(ByteView bytes, const char* value) {
  fuzz::World& world = fuzz::world();
  const Bytes good = *custody::at_rest::blob(world.user.*Member);
  User user;
  const bool taken = custody::at_rest::from_blob<Member>(*world.place, bytes, user.*Member).has_value();
  fuzz::must(!taken || verdict(bytes) == custody::Errc::unset);
  if (!taken) return;
  const auto text = world.shown(user.*Member);
  const bool same = custody::detail::same_bytes(bytes, good);
  fuzz::must(same ? text == value : !text.has_value());
  fuzz::must(custody::detail::same_bytes(*custody::at_rest::blob(user.*Member), bytes));
}

void parse_others(ByteView bytes) {
  std::vector<std::string> list;
  static_cast<void>(custody::detail::decode(bytes, list));
  const custody::Incoming body(as_text(bytes));
  custody::Personal<std::string, fuzz::Service> field;
  static_cast<void>(custody::take_json(body, "a.b", field));
  static_cast<void>(custody::take_form(body, "a", field));
  static_cast<void>(custody::phone_e164::apply(as_text(bytes)));
  static_cast<void>(custody::mask_name::apply(as_text(bytes)));
  static_cast<void>(custody::decode_leaf(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{reinterpret_cast<const std::byte*>(data), size};
  read_header(bytes);
  take<&User::text>(bytes, "15400059572");
  take<&User::high>(bytes, "secret");
  User user;
  if (custody::at_rest::from_text<&User::text>(*fuzz::world().place, as_text(bytes), user.text)) {
    fuzz::must(!fuzz::world().shown(user.text).has_value() ||
               as_text(bytes) == *custody::at_rest::text(fuzz::world().user.text));
  }
  parse_others(bytes);
  if (size < 2) return 0;
  Bytes changed = *custody::at_rest::blob(fuzz::world().user.text);  // the genuine one, edited, cut or lengthened
  fuzz::edit(changed, bytes.subspan(2));
  const std::size_t cut = std::min<std::size_t>(data[1] % 64, changed.size());
  changed.resize(changed.size() - cut + data[0] % 8);
  read_header(changed);
  take<&User::text>(changed, "15400059572");
  take<&User::high>(changed, "secret");
  return 0;
}
