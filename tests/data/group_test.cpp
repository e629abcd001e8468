// SPDX-License-Identifier: Apache-2.0
// Fields sealed together: one header, one nonce, a key, an entry and a tag for each member.
#include <map>
#include <random>

#include <custody/data/group.hpp>

#include "cipher_calls.hpp"
#include "custody_catch.hpp"
#include "world.hpp"

using namespace custody_test;

namespace {

using GcmWorld = BasicWorld<Demo, c::Aes256Gcm>;
using Text = c::Personal<std::string, AccountService>;
using Grave = c::Classified<c::Personal<std::string, AccountService>, c::Level::grade4>;

struct Card : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Text name;
  Text phone;
  Text email;
  Text street;
  Text city;
  Text note;  // sealed alone
  using custody_fields = c::Fields<
      c::record<"card", 11>, c::key<&Card::uid>, c::owner<&Card::uid>,
      c::field<5, "name", &Card::name, c::Category::nickname>, c::field<2, "phone", &Card::phone, c::Category::phone>,
      c::field<300, "email", &Card::email, c::Category::email>, c::field<4, "street", &Card::street, c::Category::bio>,
      c::field<1, "city", &Card::city, c::Category::bio>, c::field<6, "note", &Card::note, c::Category::bio>,
      c::sealed_together<&Card::name, &Card::phone, &Card::email, &Card::street, &Card::city>>;
};

/// The same fields of another table.
struct Twin : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Text name;
  Text phone;
  using custody_fields =
      c::Fields<c::record<"twin", 12>, c::key<&Twin::uid>, c::owner<&Twin::uid>,
                c::field<5, "name", &Twin::name, c::Category::nickname>,
                c::field<2, "phone", &Twin::phone, c::Category::phone>, c::sealed_together<&Twin::name, &Twin::phone>>;
};

struct Papers : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Grave number;
  Text issued_by;
  using custody_fields = c::Fields<c::record<"papers", 13>, c::key<&Papers::uid>, c::owner<&Papers::uid>,
                                   c::field<1, "number", &Papers::number, c::Category::bio>,
                                   c::field<2, "issued_by", &Papers::issued_by, c::Category::bio>,
                                   c::sealed_together<&Papers::number, &Papers::issued_by>>;
};

struct Access : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  c::Password<AccountService> password;
  Text hint;
  using custody_fields = c::Fields<c::record<"access", 14>, c::key<&Access::uid>, c::owner<&Access::uid>,
                                   c::field<1, "password", &Access::password, c::Category::password>,
                                   c::field<2, "hint", &Access::hint, c::Category::bio>,
                                   c::sealed_together<&Access::password, &Access::hint>>;
};

constexpr const char* values[] = {"Li Lei", "15400059572", "li@mail.example", "Lane 7", "Kunming"};

Card card() {
  Card made;
  made.uid = std::string("u1");
  made.name = std::string(values[0]);
  made.phone = std::string(values[1]);
  made.email = std::string(values[2]);
  made.street = std::string(values[3]);
  made.city = std::string(values[4]);
  return made;
}
template <class Use>
void each_member(Card& of, Use use) {
  use(of.name, 0);
  use(of.phone, 1);
  use(of.email, 2);
  use(of.street, 3);
  use(of.city, 4);
}
constexpr std::uint16_t numbers[] = {5, 2, 300, 4, 1};

template <class Field>
const c::detail::Cell& cell(const Field& field) {
  return c::detail::CellOffice::cell(field);
}
template <class Work>
std::size_t calls(Work work) {
  const std::size_t before = cipher_calls();
  work();
  return cipher_calls() - before;
}
struct Part {
  std::uint16_t field;
  std::size_t begin, end;  ///< entry, ciphertext and tag
};
std::vector<Part> parts_of(c::ByteView group) {
  std::vector<Part> parts;
  c::detail::GroupReader reader(group);
  for (c::detail::SealedMember member; reader.next(member);) {
    const auto begin = static_cast<std::size_t>(member.entry.data() - group.data());
    parts.push_back({member.field, begin, begin + member.entry.size() + member.sealed.size()});
  }
  REQUIRE(reader.ok());
  return parts;
}
c::Bytes joined(std::initializer_list<c::ByteView> pieces) {
  c::Bytes out;
  for (const c::ByteView piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

template <class AnyWorld>
struct Written {
  Written() : person(world.person("u1")), row(world.template row<Card>("r1", person)), made(card()) {
    REQUIRE(c::bind_record(row, made));
    group = *group_bytes(made.name);
  }
  c::Permit<AccountService> permit() { return world.template permit<AccountService>(person); }
  AnyWorld world;
  c::Subject person;
  c::Binding row;
  Card made;
  c::Bytes group;
};

}  // namespace

TEMPLATE_TEST_CASE("a record's fields share one header and one nonce", "[group]", World, GcmWorld) {
  Written<TestType> with;
  if (!c::suite_available(static_cast<c::SuiteId>(with.group[1]))) return;
  const auto permit = with.permit();
  each_member(with.made, [&](auto& field, int i) { CHECK(released(field, permit) == values[i]); });
  std::size_t plain = 0;
  for (const char* value : values) plain += std::string_view(value).size();
  const bool gcm = with.group[1] == std::byte{2};
  CHECK(with.group.size() == (gcm ? 18 : 30) + 5 * 22 + plain);
  CHECK(with.group[0] == std::byte{0xC4});
  const std::vector<Part> parts = parts_of(with.group);
  REQUIRE(parts.size() == 5);
  for (std::size_t i = 1; i != parts.size(); ++i) CHECK(parts[i - 1].field < parts[i].field);
  CHECK(*group_bytes(with.made.city) == with.group);
  CHECK(failure(group_bytes(with.made.note)) == code(c::Errc::unset));
  with.made.note = std::string("alone");
  REQUIRE(c::bind_record(with.row, with.made));
  CHECK(failure(group_bytes(with.made.note)) == code(c::Errc::not_bound));
  CHECK(*group_bytes(with.made.city) == with.group);
  with.made.email.reset();
  REQUIRE(c::bind_record(with.row, with.made));
  CHECK(parts_of(*group_bytes(with.made.city)).size() == 4);
  CHECK_FALSE(with.made.email.has_value());
}

TEMPLATE_TEST_CASE("copies and loads share the group's bytes and call no cipher", "[group][cipher_count]", World,
                   GcmWorld) {
  Written<TestType> with;
  if (!c::suite_available(static_cast<c::SuiteId>(with.group[1]))) return;
  Card loaded;
  bool good = true;
  CHECK(calls([&] {
          good &= c::at_rest::from_group(with.row, with.group, loaded).has_value();
          const Card copy = loaded;
          Card moved = copy;
          Card last = std::move(moved);
          std::swap(last, loaded);
          each_member(loaded, [&](auto& field, int) {
            good &= cell(field).bytes().same_as(cell(loaded.city).bytes()) &&
                    cell(field).bytes().same_as(cell(copy.city).bytes());
          });
          good &= c::bind_record(with.row, loaded).has_value();
          good &= *group_bytes(loaded.phone) == with.group;
          const auto blob = c::at_rest::blob(loaded.phone);
          Card other;
          good &= c::at_rest::from_blob<&Card::phone>(with.row, *blob, other.phone).has_value();
          good &=
              c::at_rest::from_text<&Card::phone>(with.row, *c::at_rest::text(loaded.phone), other.phone).has_value();
          good &= loaded.phone.has_value() && !loaded.phone.empty();
        }) == 0);
  CHECK(good);
  const auto permit = with.permit();
  each_member(loaded, [&](auto& field, int i) { CHECK(released(field, permit) == values[i]); });
  const std::size_t one = calls([&] { static_cast<void>(released(loaded.phone, permit)); });
  Account single;
  single.phone = std::string(values[1]);
  REQUIRE(c::bind<&Account::phone>(with.world.template row<Account>("a", with.person), single.phone));
  CHECK(one == calls([&] { static_cast<void>(released(single.phone, permit)); }));
}

TEMPLATE_TEST_CASE("values are sealed straight into their group, one seal each", "[group][cipher_count]", World,
                   GcmWorld) {
  Written<TestType> with;
  if (!c::suite_available(static_cast<c::SuiteId>(with.group[1]))) return;
  const auto permit = with.permit();
  Card direct;
  direct.uid = std::string("u1");
  direct.note = std::string("alone");
  std::string city = values[4];
  c::Result<void> done = c::Errc::unset;
  const std::size_t sealed = calls([&] {
    done = c::seal_together<&Card::name, &Card::phone, &Card::email, &Card::street, &Card::city>(
        with.row, direct, std::string(values[0]), values[1], std::string_view(values[2]), std::string(values[3]), city);
  });
  REQUIRE(done);
  CHECK(city == values[4]);  // an lvalue stays its owner's
  const auto alone = c::seal_for<&Card::city>(with.row, city);
  const std::size_t one = calls([&] { static_cast<void>(c::seal_for<&Card::city>(with.row, city)); });
  CHECK(sealed == 5 * one);
  CHECK(group_bytes(direct.name)->size() == with.group.size());
  CHECK(parts_of(*c::at_rest::group<&Card::email>(direct)).size() == 5);
  each_member(direct, [&](auto& field, int i) { CHECK(released(field, permit) == values[i]); });
  CHECK(calls([&] { done = c::bind_record(with.row, direct); }) != 0);  // the note, which nobody gave
  REQUIRE(done);
  CHECK(calls([&] { done = c::bind_record(with.row, direct); }) == 0);

  // What is not named stays, and moves under the new nonce with the others.
  const c::Bytes before = *group_bytes(direct.city);
  std::string moved = "Dali";
  REQUIRE(c::seal_together<&Card::city>(with.row, direct, std::move(moved)));
  CHECK(moved.empty());  // NOLINT(bugprone-use-after-move): wiped
  const c::Bytes after = *group_bytes(direct.phone);
  CHECK(parts_of(after).size() == 5);
  CHECK_FALSE(c::detail::same_bytes(c::ByteView(after).subspan(6, 12), c::ByteView(before).subspan(6, 12)));
  each_member(direct, [&](auto& field, int i) { CHECK(released(field, permit) == (i == 4 ? "Dali" : values[i])); });

  Card single;  // alone with its value it is sealed alone
  REQUIRE(c::seal_together<&Card::phone>(with.row, single, ""));
  CHECK((*c::at_rest::blob(single.phone))[0] == std::byte{0xC1});
  CHECK(single.phone.empty());
}

TEST_CASE("a source that was moved in is wiped, whatever becomes of it", "[group]") {
  Written<World> with;
  std::string large(c::largest_value + 1, 'x'), behind = "15400059572";
  CHECK_FALSE(c::seal_together<&Card::name, &Card::phone>(with.row, with.made, std::move(large), std::move(behind)));
  CHECK(large.empty());  // NOLINT(bugprone-use-after-move): wiped
  CHECK(behind.empty());  // NOLINT(bugprone-use-after-move): wiped
  std::string name = "Li", second = "Lei";
  CHECK_FALSE(c::seal_together<&Card::name, &Card::phone>(c::Binding{}, with.made, std::move(name), std::move(second)));
  CHECK(name.empty());  // NOLINT(bugprone-use-after-move): wiped
  CHECK(second.empty());  // NOLINT(bugprone-use-after-move): wiped
  Access access;  // the first source fails by itself, so that nobody comes to the second
  std::string password(c::largest_value + 1, 'x'), hint = "battery";
  CHECK_FALSE(c::seal_together<&Access::password, &Access::hint>(with.world.row<Access>("r1", with.person), access,
                                                                 std::move(password), std::move(hint)));
  CHECK(hint.empty());  // NOLINT(bugprone-use-after-move): wiped
  // what is left of a text that was moved into another form on the way, inside the object itself
  std::string moved = "hunter2pass";
  c::Personal<std::optional<std::string>, AccountService> field = std::move(moved);
  const auto* const bytes = reinterpret_cast<const char*>(&moved);
  CHECK(std::string_view(bytes, sizeof moved).find("unter2") == std::string_view::npos);
  CHECK(field.has_value());
}

TEST_CASE("a password goes into its group as a verifier, never as a text", "[group]") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Access>("r", person);
  Access access;
  std::string secret = "correct horse";
  REQUIRE(c::seal_together<&Access::password, &Access::hint>(row, access, std::move(secret), "battery"));
  CHECK(secret.empty());  // NOLINT(bugprone-use-after-move): wiped
  Access loaded;
  REQUIRE(c::at_rest::from_group(row, *c::at_rest::group<&Access::hint>(access), loaded));
  const auto permit = world.permit<AccountService>(person);
  CHECK(*loaded.password.matches(permit, "correct horse"));
  CHECK_FALSE(*loaded.password.matches(permit, "correct horsf"));
  CHECK(released(loaded.hint, permit) == "battery");
  const auto& sealed = cell(loaded.password);
  c::detail::PlainBuffer inside;
  REQUIRE(sealed.open(c::detail::type_of<c::Password<AccountService>>(), inside));
  CHECK(c::as_text(inside.view()).find("correct") == std::string_view::npos);
}

TEST_CASE("a message is taken off the budget of each member once", "[group]") {
  GcmWorld world;
  if (!c::Aes256Gcm::available()) return;
  const auto person = world.person("u1");
  const auto row = world.row<Card>("r1", person);
  const auto spent = [&] { return *world.keys->reserve(person.handle(), 1, 0, std::uint64_t{1} << 32); };
  Card record;
  const std::uint64_t before = spent();
  REQUIRE(c::seal_together<&Card::name, &Card::phone>(row, record, "a", "b"));
  const std::uint64_t block = spent() - before;
  REQUIRE(block > 1000);
  for (std::uint64_t i = 1; i != block / 2; ++i)
    if (!c::seal_together<&Card::name, &Card::phone>(row, record, "a", "b")) FAIL(i);
  CHECK(spent() - before == block);  // the block is used up, and no other was begun
  REQUIRE(c::seal_together<&Card::name, &Card::phone>(row, record, "a", "b"));
  CHECK(spent() - before == 2 * block);
}

TEST_CASE("a group that cannot be sealed straight leaves the record as it was", "[group]") {
  Written<World> with;
  const auto permit = with.permit();
  const std::string large(c::largest_value + 1, 'x');
  const auto refused = c::seal_together<&Card::name, &Card::phone>(with.row, with.made, "new", large);
  CHECK(failure(refused) == code(c::Errc::too_large));
  CHECK(std::string_view(refused.error().where) == "phone");
  CHECK(failure(c::seal_together<&Card::name>(c::Binding{}, with.made, "new")) == code(c::Errc::not_bound));
  CHECK(failure(c::seal_together<&Card::name>(with.world.row<Card>("r2", with.person), with.made, "new")) ==
        code(c::Errc::foreign_envelope));  // the others are at home elsewhere
  CHECK(*group_bytes(with.made.name) == with.group);
  each_member(with.made, [&](auto& field, int i) { CHECK(released(field, permit) == values[i]); });
  Card failed;  // a field whose value could not be taken is given another
  c::detail::CellOffice::cell(failed.name).fail(c::Errc::no_randomness);
  CHECK(failure(c::seal_together<&Card::phone>(with.row, failed, "1")) == code(c::Errc::no_randomness));
  REQUIRE(c::seal_together<&Card::phone, &Card::name>(with.row, failed, "1", "2"));
  CHECK(released(failed.name, permit) == "2");
  REQUIRE(with.world.ring().erase(with.person));
  CHECK(failure(c::seal_together<&Card::name>(with.row, with.made, "new")) == code(c::Errc::destroyed));
}

TEST_CASE("one member's blob is a group of its own that opens alone", "[group]") {
  Written<World> with;
  const auto permit = with.permit();
  const c::Bytes blob = *c::at_rest::blob(with.made.phone);
  CHECK(blob.size() == 30 + 22 + std::string_view(values[1]).size());
  Card loaded;
  REQUIRE(c::at_rest::from_blob<&Card::phone>(with.row, blob, loaded.phone));
  CHECK(released(loaded.phone, permit) == values[1]);
  CHECK(failure(c::at_rest::from_blob<&Card::name>(with.row, blob, loaded.name)) == code(c::Errc::foreign_envelope));
  // stored again with others it moves into their group
  loaded.name = std::string("Han Mei");
  REQUIRE(c::bind_record(with.row, loaded));
  CHECK(parts_of(*group_bytes(loaded.phone)).size() == 2);
  CHECK(released(loaded.phone, permit) == values[1]);
  CHECK(released(loaded.name, permit) == "Han Mei");
  loaded.name.reset();
  REQUIRE(c::bind_record(with.row, loaded));  // what is left alone is sealed alone
  CHECK((*c::at_rest::blob(loaded.phone))[0] == std::byte{0xC1});
  CHECK(released(loaded.phone, permit) == values[1]);
}

TEMPLATE_TEST_CASE("no key, nonce and position ever carry two plaintexts", "[group]", World, GcmWorld) {
  Written<TestType> with;
  if (!c::suite_available(static_cast<c::SuiteId>(with.group[1]))) return;
  const bool gcm = with.group[1] == std::byte{2};
  const std::size_t head = gcm ? 18 : 30;
  std::map<std::pair<std::uint16_t, std::string>, std::string> seen;  // field (so its key) and nonce: what was sealed
  std::map<std::string, std::string> groups;
  std::size_t members = 0;
  const auto note = [&](const Card& record) {
    const c::Bytes group = *group_bytes(record.city);
    const std::string nonce(c::as_text(c::ByteView(group).subspan(6, head - 6)));
    const auto [had, fresh] = groups.emplace(nonce, c::as_text(group));
    CHECK(had->second == c::as_text(group));  // one nonce, one group
    for (const Part& part : parts_of(group)) {
      const std::string bytes(c::as_text(c::ByteView(group).subspan(part.begin, part.end - part.begin)));
      const auto [at, first] = seen.emplace(std::pair(part.field, nonce), bytes);
      CHECK(at->second == bytes);
      members += first ? 1U : 0U;
    }
  };
  std::mt19937 random(7);
  Card& record = with.made;
  note(record);
  std::size_t changes = 0;
  for (int round = 0; round != 400; ++round) {
    const c::Bytes before = *group_bytes(record.city);
    const auto which = static_cast<unsigned>(random() % 6);
    each_member(record, [&](auto& field, int i) {
      if (static_cast<unsigned>(i) == which) field = std::string(values[i]);  // even the same value again
    });
    REQUIRE(c::bind_record(with.row, record));
    const c::Bytes after = *group_bytes(record.city);
    if (which == 5) {
      CHECK(after == before);
    } else {
      ++changes;
      CHECK_FALSE(
          c::detail::same_bytes(c::ByteView(after).subspan(6, head - 6), c::ByteView(before).subspan(6, head - 6)));
      const auto was = parts_of(before);
      const auto is = parts_of(after);
      for (std::size_t i = 0; i != is.size(); ++i) {  // every member, not the changed one alone
        CHECK_FALSE(
            c::detail::same_bytes(c::ByteView(after).subspan(is[i].begin + 6, is[i].end - is[i].begin - 6),
                                  c::ByteView(before).subspan(was[i].begin + 6, was[i].end - was[i].begin - 6)));
      }
    }
    note(record);
  }
  CHECK(groups.size() == changes + 1);
  CHECK(members == groups.size() * 5);
  // Under the nonce that they share, equal texts are equal nowhere: every field has a key of its own.
  record.name = std::string(32, 'x');
  record.phone = std::string(32, 'x');
  record.email = std::string(32, 'x');
  REQUIRE(c::bind_record(with.row, record));
  const c::Bytes group = *group_bytes(record.city);
  std::vector<std::string> ciphers;
  for (const Part& part : parts_of(group)) {
    if (part.end - part.begin == 6 + 32 + 16)
      ciphers.emplace_back(c::as_text(c::ByteView(group).subspan(part.begin + 6, 32)));
  }
  REQUIRE(ciphers.size() == 3);
  for (std::size_t i = 0; i != 3; ++i) {
    std::size_t same = 0;
    for (std::size_t at = 0; at != 32; ++at) same += ciphers[i][at] == ciphers[(i + 1) % 3][at] ? 1U : 0U;
    CHECK(same < 8);
  }
}

TEMPLATE_TEST_CASE("no changed byte of a group opens, and none changes another member", "[group][attack]", World,
                   GcmWorld) {
  Written<TestType> with;
  if (!c::suite_available(static_cast<c::SuiteId>(with.group[1]))) return;
  const auto permit = with.permit();
  const std::vector<Part> parts = parts_of(with.group);
  const auto look = [&](c::ByteView bytes, auto&& judge) {
    Card loaded;
    const bool read = c::at_rest::from_group(with.row, bytes, loaded).has_value();
    each_member(loaded, [&](auto& field, int i) {
      const std::string text = read ? released(field, permit) : "<unread>";
      if (text[0] != '<') CHECK(text == values[i]);
      judge(numbers[i], text[0] != '<');
    });
  };
  std::size_t open = 0;
  for (std::size_t bit = 0; bit != with.group.size() * 8; ++bit) {
    c::Bytes flipped = with.group;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    CAPTURE(bit);
    look(flipped, [&](std::uint16_t number, bool opens) {
      const auto part = std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return p.field == number; });
      const bool hit = bit / 8 < parts.front().begin || (bit / 8 >= part->begin && bit / 8 < part->end);
      if (hit) CHECK_FALSE(opens);
      open += opens ? 1U : 0U;
    });
  }
  CHECK(open > 0);  // damage to one member's bytes does not take the others away
  for (std::size_t size = 0; size != with.group.size(); ++size) {
    const bool whole = std::any_of(parts.begin(), parts.end(), [&](const Part& p) { return p.end == size; });
    CAPTURE(size);
    look(c::ByteView(with.group).first(size), [&](std::uint16_t, bool opens) { CHECK((whole || !opens)); });
  }
  c::Bytes longer = with.group;
  longer.push_back(std::byte{0});
  look(longer, [&](std::uint16_t, bool opens) { CHECK_FALSE(opens); });
}

TEST_CASE("members are not swapped, repeated, renamed, moved to another group, record or row", "[group][attack]") {
  Written<World> with;
  const auto permit = with.permit();
  Card second = card();
  REQUIRE(c::bind_record(with.row, second));
  const c::Bytes other = *group_bytes(second.name);
  const auto parts = parts_of(with.group);
  const auto view = [](const c::Bytes& bytes, const Part& part) {
    return c::ByteView(bytes).subspan(part.begin, part.end - part.begin);
  };
  const c::ByteView head = c::ByteView(with.group).first(parts[0].begin);
  const auto reads = [&](const c::Bytes& bytes) {
    Card loaded;
    return failure(c::at_rest::from_group(with.row, bytes, loaded));
  };
  const int malformed = code(c::Errc::malformed);
  CHECK(reads(joined({head, view(with.group, parts[0])})) == fine);
  CHECK(reads(joined({head})) == code(c::Errc::truncated));
  CHECK(reads(joined({head, view(with.group, parts[1]), view(with.group, parts[0])})) == malformed);
  CHECK(reads(joined({head, view(with.group, parts[1]), view(with.group, parts[1])})) == malformed);

  Card loaded;  // a member of another group of the same row, under this one's nonce
  REQUIRE(c::at_rest::from_group(with.row, joined({head, view(other, parts[0]), view(with.group, parts[1])}), loaded));
  CHECK(released(loaded.city, permit) == "<" + std::string(c::text(c::Errc::tampered)) + ">");
  CHECK(released(loaded.phone, permit) == values[1]);

  c::Bytes renamed = joined({head, view(with.group, parts[1])});  // 2 becomes 4: another field, of the same type
  renamed[parts[0].begin] = std::byte{4};
  REQUIRE(c::at_rest::from_group(with.row, renamed, loaded = Card{}));
  CHECK(refusal(loaded.street, permit) == code(c::Errc::tampered));
  renamed[parts[0].begin] = std::byte{77};  // none of this record
  CHECK(reads(renamed) == malformed);

  Twin twin;
  CHECK(failure(c::at_rest::from_group(with.world.row<Twin>("r1", with.person), with.group, twin)) == malformed);
  const c::Bytes two = joined({head, view(with.group, parts[1]), view(with.group, parts[3])});  // fields 2 and 5
  REQUIRE(c::at_rest::from_group(with.world.row<Twin>("r1", with.person), two, twin));
  CHECK(refusal(twin.phone, permit) == code(c::Errc::tampered));
  REQUIRE(c::at_rest::from_group(with.world.row<Card>("r2", with.person), with.group, loaded));
  CHECK(refusal(loaded.phone, permit) == code(c::Errc::tampered));
  const auto stranger = with.world.person("u2");
  REQUIRE(c::at_rest::from_group(with.world.row<Card>("r1", stranger), with.group, loaded));
  CHECK(refusal(loaded.phone, with.world.permit<AccountService>(stranger)) == code(c::Errc::tampered));

  CHECK(failure(c::bind_record(with.world.row<Card>("r2", with.person), with.made)) == code(c::Errc::foreign_envelope));
  CHECK(*group_bytes(with.made.name) == with.group);  // and nothing changed

  c::Bytes dressed = joined({head.first(6), head.subspan(6), view(with.group, parts[1]).subspan(6)});
  dressed[0] = std::byte{0xC1};  // a member as an envelope of its own
  dressed[2] = std::byte{1};
  REQUIRE(c::at_rest::from_blob<&Card::phone>(with.row, dressed, loaded.phone));
  CHECK(refusal(loaded.phone, permit) == code(c::Errc::tampered));
  auto alone = c::seal_for<&Card::phone>(with.row, values[1]);
  const c::Bytes single = *c::at_rest::blob(*alone);
  std::byte entry[6];
  c::detail::SealedMember::write_entry(entry, 2, 1, std::string_view(values[1]).size());
  c::Bytes grouped = joined({c::ByteView(single).first(30), c::ByteView(entry), c::ByteView(single).subspan(30)});
  grouped[0] = std::byte{0xC4};
  grouped[2] = std::byte{0};
  REQUIRE(c::at_rest::from_group(with.row, grouped, loaded));
  CHECK(refusal(loaded.phone, permit) == code(c::Errc::tampered));
}

TEST_CASE("an older version of a group with grave data does not open beside a newer one", "[group][attack]") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  Papers papers;
  papers.number = std::string("459999197310212864");
  papers.issued_by = std::string("Kunming");
  REQUIRE(c::bind_record(world.row<Papers>("r", person, 1), papers));
  const c::Bytes first = *group_bytes(papers.number);
  const auto second = world.row<Papers>("r", person, 2);
  REQUIRE(c::bind_record(second, papers));
  CHECK(*group_bytes(papers.number) != first);
  CHECK(released(papers.number, permit) == "459999197310212864");
  CHECK(released(papers.issued_by, permit) == "Kunming");
  Papers old;
  REQUIRE(c::at_rest::from_group(second, first, old));
  CHECK(refusal(old.number, permit) == code(c::Errc::tampered));
  CHECK(released(old.issued_by, permit) == "Kunming");  // of a lower grade: an older value opens, as it does alone
}

TEST_CASE("what cannot be sealed leaves the record as it was", "[group]") {
  Written<World> with;
  const auto permit = with.permit();
  Card changed = with.made;
  changed.city = std::string("Dali");
  const c::Bytes city = c::Bytes(cell(changed.city).envelope().begin(), cell(changed.city).envelope().end());
  c::Bytes damaged = with.group;
  damaged.back() ^= std::byte{1};  // the last member: email
  REQUIRE(c::at_rest::from_group(with.row, damaged, changed));
  changed.city = std::string("Dali");
  const auto refused = c::bind_record(with.row, changed);
  REQUIRE_FALSE(refused);
  CHECK(code(refused.error().code) == code(c::Errc::tampered));
  CHECK(std::string_view(refused.error().where) == "email");
  CHECK(cell(changed.phone).grouped());
  CHECK(cell(changed.city).state() == c::detail::CellState::transient);
  CHECK(released(changed.phone, permit) == values[1]);
  CHECK(failure(c::bind_record(c::Binding{}, changed)) == code(c::Errc::not_bound));
  REQUIRE(with.world.ring().erase(with.person));
  CHECK(failure(c::bind_record(with.row, with.made)) == code(c::Errc::destroyed));
  CHECK(refusal(with.made.phone, permit) == code(c::Errc::destroyed));
}

TEST_CASE("a group is given for a column only when it is what the record holds", "[group]") {
  Written<World> with;
  CHECK(*c::at_rest::group<&Card::city>(with.made) == with.group);
  CHECK(*c::at_rest::group<&Card::email>(with.made) == with.group);
  const int not_one = code(c::Errc::not_bound);
  Card changed = with.made;
  changed.name = std::string("Han Mei");
  CHECK(failure(c::at_rest::group<&Card::city>(changed)) == not_one);
  CHECK(failure(c::at_rest::group<&Card::name>(changed)) == not_one);
  changed = with.made;
  changed.name.reset();
  CHECK(failure(c::at_rest::group<&Card::city>(changed)) == not_one);
  CHECK(failure(c::at_rest::group<&Card::name>(changed)) == code(c::Errc::unset));
  REQUIRE(c::bind_record(with.row, changed));
  CHECK(parts_of(*c::at_rest::group<&Card::city>(changed)).size() == 4);
  changed = with.made;
  REQUIRE(c::at_rest::from_blob<&Card::name>(with.row, *c::at_rest::blob(with.made.name), changed.name));
  CHECK(failure(c::at_rest::group<&Card::city>(changed)) == not_one);  // the same bytes, but not known to be
  REQUIRE(c::bind_record(with.row, changed));
  CHECK(parts_of(*c::at_rest::group<&Card::city>(changed)).size() == 5);
  Card one;
  one.name = std::string("alone");
  REQUIRE(c::bind_record(with.row, one));
  CHECK(failure(c::at_rest::group<&Card::name>(one)) == not_one);
}
