// SPDX-License-Identifier: Apache-2.0
// Whatever a database row or a peer gives: no crash, and no envelope opens that was not made here for this place.
#include <algorithm>

#include "fuzz/fuzz_world.hpp"

namespace {

using custody::as_text;
using custody::Bytes;
using custody::ByteView;
using fuzz::Card;
using fuzz::User;

/// What docs/format.md says of a header, said again.
custody::Errc verdict(ByteView bytes) {
  using custody::Errc;
  if (bytes.size() < 6) return Errc::truncated;
  if (bytes[0] != std::byte{0xC1} && bytes[0] != std::byte{0xC2} && bytes[0] != std::byte{0xC4}) return Errc::malformed;
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

/// A group by the page: what of it belongs to each field, which is header, nonce and the field's own part.
struct Pieces {
  explicit Pieces(ByteView bytes) {
    if (verdict(bytes) != custody::Errc::unset || bytes[0] != std::byte{0xC4} || bytes[2] != std::byte{0}) return;
    const auto* const suite = custody::detail::find_suite(static_cast<custody::SuiteId>(bytes[1]));
    head = bytes.first(6 + suite->nonce_size);
    const auto at = [&](std::size_t i) { return std::to_integer<std::size_t>(bytes[i]); };
    for (std::size_t i = head.size(); i != bytes.size();) {
      if (bytes.size() - i < 6 + suite->tag_size) return;
      const std::size_t number = at(i) + at(i + 1) * 256;
      const std::size_t plain = at(i + 3) + at(i + 4) * 256 + at(i + 5) * 65536;
      const std::size_t own = 6 + plain + suite->tag_size;
      if (plain > (1U << 20) || bytes.size() - i < own || (!numbers.empty() && number <= numbers.back())) return;
      numbers.push_back(number);
      members.push_back(bytes.subspan(i, own));
      i += own;
    }
    sound = true;
  }
  [[nodiscard]] Bytes of(std::size_t number) const {
    Bytes out;
    for (std::size_t i = 0; sound && i != numbers.size(); ++i) {
      if (numbers[i] != number) continue;
      out.assign(head.begin(), head.end());
      out.insert(out.end(), members[i].begin(), members[i].end());
    }
    return out;
  }
  ByteView head;
  std::vector<std::size_t> numbers;
  std::vector<ByteView> members;
  bool sound = false;
};

/// A field takes bytes as its envelope: they show a value only when they are the envelope it was sealed to.
template <auto Member>
void take(ByteView bytes, std::size_t number, const char* value) {
  fuzz::World& world = fuzz::world();
  const Bytes good = *custody::at_rest::blob(world.user.*Member);
  User user;
  const bool taken = custody::at_rest::from_blob<Member>(*world.place, bytes, user.*Member).has_value();
  fuzz::must(!taken || verdict(bytes) == custody::Errc::unset);
  if (!taken) return;
  const auto text = world.shown(user.*Member);
  const bool same = custody::detail::same_bytes(bytes, good);
  fuzz::must(same ? text == value : !text.has_value());
  const Bytes own = bytes[0] == std::byte{0xC4} ? Pieces(bytes).of(number) : Bytes(bytes.begin(), bytes.end());
  fuzz::must(*custody::at_rest::blob(user.*Member) == own);
}

/// What a card's field shows, when it was taken from `pieces`: its value where its part is that of one of the two groups.
template <auto Member>
void shows(const Card& card, const Pieces& pieces, std::size_t number, const char* value) {
  const Bytes own = pieces.of(number);
  bool genuine = false;
  for (const Bytes& group : fuzz::world().groups)
    genuine = genuine || (!own.empty() && own == Pieces(group).of(number));
  const auto text = fuzz::world().shown(card.*Member);
  fuzz::must(genuine ? text == value : !text.has_value());
  if ((card.*Member).has_value()) fuzz::must(*custody::at_rest::blob(card.*Member) == own);
}
template <auto Member>
void take_member(ByteView bytes, const Pieces& pieces, std::size_t number, const char* value) {
  Card card;
  const bool taken = custody::at_rest::from_blob<Member>(*fuzz::world().card_place, bytes, card.*Member).has_value();
  fuzz::must(!taken || verdict(bytes) == custody::Errc::unset);
  if (taken && bytes[0] == std::byte{0xC1}) {
    fuzz::must(!fuzz::world().shown(card.*Member).has_value());  // none of a card is sealed alone
  } else {
    const Bytes own = pieces.of(number);
    const bool declared = !own.empty() && own[pieces.head.size() + 2] == std::byte{1};
    fuzz::must(taken == declared);
    shows<Member>(card, pieces, number, value);
  }
}

void take_group(ByteView from) {
  const Bytes bytes(from.begin(), from.end());  // no room behind
  const Pieces pieces(bytes);
  fuzz::must(custody::detail::member_count_of(bytes) == (pieces.sound ? pieces.numbers.size() : 0));
  take_member<&Card::name>(bytes, pieces, 1, "15400059572");
  take_member<&Card::high>(bytes, pieces, 2, "secret");
  take_member<&Card::motto>(bytes, pieces, 300, "");
  bool good = pieces.sound;
  for (std::size_t i = 0; good && i != pieces.numbers.size(); ++i) {
    const std::size_t number = pieces.numbers[i];
    good = (number == 1 || number == 2 || number == 300) && pieces.members[i][2] == std::byte{1};
  }
  Card card;
  const bool taken = custody::at_rest::from_group(*fuzz::world().card_place, bytes, card).has_value();
  fuzz::must(taken == good);
  if (!taken) fuzz::must(!card.name.has_value() && !card.high.has_value() && !card.motto.has_value());
  if (!taken) return;
  const auto look = [&] {
    shows<&Card::name>(card, pieces, 1, "15400059572");
    shows<&Card::high>(card, pieces, 2, "secret");
    shows<&Card::motto>(card, pieces, 300, "");
  };
  look();
  if (pieces.numbers.size() == 1) return;  // would be sealed alone from here on
  const bool older = bytes[3] == std::byte{0} && bytes[4] == std::byte{0} && bytes[5] == std::byte{0};
  fuzz::must(custody::bind_record(*fuzz::world().card_place, card).has_value() == !older);
  look();  // a group that is whole stays as it is, byte for byte; one of an older key would be sealed again, and has none
}

/// The two genuine groups: one edited, cut or lengthened, and the members of both put together anew.
void take_edited_groups(ByteView bytes) {
  const auto& groups = fuzz::world().groups;
  Bytes changed = groups[0];
  fuzz::edit(changed, bytes.subspan(2));
  const std::size_t cut = std::min<std::size_t>(std::to_integer<std::size_t>(bytes[1]) % 64, changed.size());
  changed.resize(changed.size() - cut + std::to_integer<std::size_t>(bytes[0]) % 8);
  read_header(changed);
  take_group(changed);
  const Pieces pieces[] = {Pieces(groups[0]), Pieces(groups[1])};
  const auto first = std::to_integer<std::size_t>(bytes[0]);
  Bytes joined(pieces[first % 2].head.begin(), pieces[first % 2].head.end());
  for (const std::byte b : bytes.subspan(1, std::min<std::size_t>(bytes.size() - 1, 8))) {
    const auto which = std::to_integer<std::size_t>(b);
    const ByteView member = pieces[which % 2].members[which / 2 % 3];
    joined.insert(joined.end(), member.begin(), member.end());
    if (which / 8 % 3 == 0) joined.back() ^= std::byte{1};
  }
  take_group(joined);
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
  take<&User::text>(bytes, 1, "15400059572");
  take<&User::high>(bytes, 3, "secret");
  User user;
  if (custody::at_rest::from_text<&User::text>(*fuzz::world().place, as_text(bytes), user.text)) {
    fuzz::must(!fuzz::world().shown(user.text).has_value() ||
               as_text(bytes) == *custody::at_rest::text(fuzz::world().user.text));
  }
  parse_others(bytes);
  take_group(bytes);
  if (size < 2) return 0;
  take_edited_groups(bytes);
  Bytes changed = *custody::at_rest::blob(fuzz::world().user.text);  // the genuine one, edited, cut or lengthened
  fuzz::edit(changed, bytes.subspan(2));
  const std::size_t cut = std::min<std::size_t>(data[1] % 64, changed.size());
  changed.resize(changed.size() - cut + data[0] % 8);
  read_header(changed);
  take<&User::text>(changed, 1, "15400059572");
  take<&User::high>(changed, 3, "secret");
  return 0;
}
