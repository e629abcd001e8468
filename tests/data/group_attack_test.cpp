// SPDX-License-Identifier: Apache-2.0
// Groups that nobody sealed: at the edges of numbers and lengths, under other suites and keys, cut and put together anew;
// and groups in use by many copies, threads and processes.
#include <algorithm>
#include <array>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <custody/data/at_rest_bytes.hpp>
#include <custody/data/group.hpp>

#include "custody_catch.hpp"
#include "world.hpp"

using namespace custody_test;

namespace {

using GcmWorld = BasicWorld<Demo, c::Aes256Gcm>;
using Text = c::Personal<std::string, AccountService>;
using Grave = c::Classified<Text, c::Level::grade4>;

/// The lowest and the highest number, and one between; another that is sealed alone.
struct Edge : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Text high;
  Text low;
  Grave between;
  Text alone;
  using custody_fields = c::Fields<
      c::record<"edge", 21>, c::key<&Edge::uid>, c::owner<&Edge::uid>,
      c::field<65535, "high", &Edge::high, c::Category::bio>, c::field<1, "low", &Edge::low, c::Category::bio>,
      c::field<300, "between", &Edge::between, c::Category::bio>, c::field<2, "alone", &Edge::alone, c::Category::bio>,
      c::sealed_together<&Edge::high, &Edge::low, &Edge::between>>;
};

/// A field that was only renamed: two declarations that say the same of it.
struct Renamed : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Text name;
  Text motto;
  using custody_fields =
      c::Fields<c::record<"renamed", 22>, c::key<&Renamed::uid>, c::owner<&Renamed::uid>,
                c::field<1, "name", &Renamed::name, c::Category::nickname, c::formerly<"nick", Text>>,
                c::field<2, "motto", &Renamed::motto, c::Category::bio>,
                c::sealed_together<&Renamed::name, &Renamed::motto>>;
};

constexpr std::uint16_t numbers[] = {1, 300, 65535};
constexpr const char* values[] = {"low", "between", ""};

/// A sealed record, and its group in pieces.
template <class AnyWorld>
struct Sealed {
  Sealed() : person(world.person("u1")), row(world.template row<Edge>("r", person, 3)) {
    made.low = std::string(values[0]);
    made.between = std::string(values[1]);
    made.high = std::string(values[2]);
    REQUIRE(c::bind_record(row, made));
    group = *group_bytes(made.low);
    c::detail::GroupReader reader(group);
    head = c::ByteView(group).first(reader.head_size());
    for (c::detail::SealedMember member; reader.next(member);) {
      const auto begin = static_cast<std::size_t>(member.entry.data() - group.data());
      parts.push_back(c::ByteView(group).subspan(begin, member.entry.size() + member.sealed.size()));
    }
    REQUIRE(parts.size() == 3);
  }
  c::Permit<AccountService> permit() { return world.template permit<AccountService>(person); }

  AnyWorld world;
  c::Subject person;
  c::Binding row;
  Edge made;
  c::Bytes group;
  c::ByteView head;
  std::vector<c::ByteView> parts;
};

[[nodiscard]] bool runs(c::ByteView group) { return c::suite_available(static_cast<c::SuiteId>(group[1])); }

c::Bytes joined(std::initializer_list<c::ByteView> pieces) {
  c::Bytes out;
  for (const c::ByteView piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}
/// A member that nobody sealed.
c::Bytes forged(std::uint16_t field, std::size_t length, std::size_t room) {
  c::Bytes out(6 + room + 16, std::byte{'f'});
  c::detail::SealedMember::write_entry(out.data(), field, 1, length);
  return out;
}
/// What the fields show after each took the bytes for itself; an error's name where it did not or does not open.
std::array<std::string, 3> shown(const c::Binding& row, c::ByteView bytes, const c::Permit<AccountService>& permit) {
  std::array<std::string, 3> out;
  const auto one = [&]<auto Member>(c::detail::Constant<Member>, std::size_t at) {
    Edge edge;
    const auto taken = c::at_rest::from_blob<Member>(row, bytes, edge.*Member);
    out[at] = taken ? released(edge.*Member, permit) : "<" + std::string(c::text(taken.error().code)) + ">";
    if (!taken) CHECK_FALSE((edge.*Member).has_value());
  };
  one(c::detail::Constant<&Edge::low>{}, 0);
  one(c::detail::Constant<&Edge::between>{}, 1);
  one(c::detail::Constant<&Edge::high>{}, 2);
  return out;
}
std::string name_of(c::Errc code) { return "<" + std::string(c::text(code)) + ">"; }

}  // namespace

TEMPLATE_TEST_CASE("members at the edges of what numbers can be", "[group][attack]", World, GcmWorld) {
  Sealed<TestType> with;
  if (!runs(with.group)) return;
  const auto permit = with.permit();
  for (std::size_t i = 0; i != 3; ++i) {
    const auto found = c::detail::find_member(with.group, numbers[i]);
    REQUIRE(found);
    CHECK(found->sealed.size() == std::string_view(values[i]).size() + 16);
  }
  CHECK(shown(with.row, with.group, permit) == std::array<std::string, 3>{values[0], values[1], values[2]});
  // Number 0 is before all, and belongs to nobody; after 65535 nothing comes.
  const c::Bytes zero = forged(0, 4, 4);
  CHECK(c::detail::member_count_of(joined({with.head, zero, with.parts[0]})) == 2);
  Edge edge;
  CHECK(failure(c::at_rest::from_group(with.row, joined({with.head, zero, with.parts[0]}), edge)) ==
        code(c::Errc::malformed));
  CHECK_FALSE(edge.low.has_value());
  for (const std::uint16_t after : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{65535}}) {
    CHECK(c::detail::member_count_of(joined({with.head, with.parts[2], forged(after, 4, 4)})) == 0);
  }
  c::Bytes all(with.head.begin(), with.head.end());
  for (std::size_t field = 0; field != 65536; ++field) {
    const c::Bytes member = forged(static_cast<std::uint16_t>(field), 0, 0);
    all.insert(all.end(), member.begin(), member.end());
  }
  CHECK(c::detail::member_count_of(all) == 65536);
  CHECK(c::detail::find_member(all, 65535)->entry.data() == all.data() + all.size() - 22);
  CHECK(c::detail::find_member(all, 0)->entry.data() == all.data() + with.head.size());
  CHECK(failure(c::at_rest::from_group(with.row, all, edge)) == code(c::Errc::malformed));
  CHECK(shown(with.row, all, permit)[2] == name_of(c::Errc::tampered));
  all.push_back(std::byte{0});
  CHECK(c::detail::member_count_of(all) == 0);
}

TEST_CASE("lengths at the limit of a value and beyond", "[group][attack]") {
  Sealed<World> with;
  const auto permit = with.permit();
  with.made.low = std::string(c::largest_value, 'x');
  with.made.high = std::string(255, 'y');
  REQUIRE(c::bind_record(with.row, with.made));
  const c::Bytes whole = *group_bytes(with.made.high);
  CHECK(whole.size() == 30 + 3 * 22 + c::largest_value + 255 + 7);
  const auto open = shown(with.row, whole, permit);
  CHECK(open[0] == std::string(c::largest_value, 'x'));
  CHECK(open[1] == "between");
  CHECK(open[2] == std::string(255, 'y'));
  Edge more = with.made;
  more.low = std::string(c::largest_value + 1, 'x');
  CHECK(failure(c::bind_record(with.row, more)) == code(c::Errc::too_large));
  CHECK(*group_bytes(more.high) == whole);

  for (const std::size_t length : {c::largest_value, c::largest_value + 1, (std::size_t{1} << 24) - 1}) {
    for (const std::size_t room : {length, length - 1, length + 1, std::size_t{0}}) {
      const c::Bytes bytes = joined({with.head, forged(1, length, room)});
      CAPTURE(length, room);
      const bool sound = length == c::largest_value && room == length;
      CHECK(c::detail::member_count_of(bytes) == (sound ? 1U : 0U));
      CHECK(shown(with.row, bytes, permit)[0] == name_of(sound ? c::Errc::tampered : c::Errc::malformed));
    }
  }
}

TEMPLATE_TEST_CASE("no other suite, revision or generation in the header opens a member", "[group][attack]", World,
                   GcmWorld) {
  Sealed<TestType> with;
  if (!runs(with.group)) return;
  REQUIRE(with.world.ring().rotate(with.person));
  const auto row = with.world.template row<Edge>("r", with.person, 3);
  const auto permit = with.permit();
  CHECK(shown(row, with.group, permit)[0] == values[0]);  // both keys are there
  for (const std::size_t at : {0U, 1U, 2U, 3U, 4U, 5U}) {
    for (unsigned value = 0; value != 256; ++value) {
      c::Bytes other = with.group;
      if (other[at] == static_cast<std::byte>(value)) continue;
      other[at] = static_cast<std::byte>(value);
      CAPTURE(at, value);
      for (const std::string& text : shown(row, other, permit)) CHECK(text.substr(0, 1) == "<");
    }
  }
  c::Bytes newer = with.group;
  newer[3] = std::byte{2};
  CHECK(shown(row, newer, permit)[0] == name_of(c::Errc::tampered));
  newer[3] = std::byte{3};
  CHECK(shown(row, newer, permit)[0] == name_of(c::Errc::unknown_key));
  Edge moved;  // the whole group goes to the new key, and what was there before is not mixed with it
  REQUIRE(c::at_rest::from_group(row, with.group, moved));
  REQUIRE(c::bind_record(row, moved));
  const c::Bytes fresh = *group_bytes(moved.low);
  CHECK(c::EnvelopeHeader::read(fresh)->generation == 2);
  CHECK(c::detail::member_count_of(fresh) == 3);
  const auto first = c::detail::find_member(fresh, 1);
  const c::Bytes mixed = joined({c::ByteView(fresh).first(with.head.size()), with.parts[0], first->entry});
  CHECK(c::detail::member_count_of(mixed) == 0);
  CHECK(shown(row, joined({c::ByteView(fresh).first(with.head.size()), with.parts[0], with.parts[1]}), permit) ==
        std::array<std::string, 3>{name_of(c::Errc::tampered), name_of(c::Errc::tampered),
                                   name_of(c::Errc::foreign_envelope)});
}

TEMPLATE_TEST_CASE("the entry is sealed with its member: number, revision and length", "[group][attack]", World,
                   GcmWorld) {
  Sealed<TestType> with;
  if (!runs(with.group)) return;
  const auto permit = with.permit();
  // One byte less in the length of the member before the last, whose own entry then begins in the tag: the last one is
  // empty, so that revision and number make a length that fits, and the group is sound.
  c::Bytes shorter = with.group;
  const auto at = static_cast<std::size_t>(with.parts[1].data() - with.group.data());
  shorter[at + 3] ^= std::byte{1};
  CHECK(c::detail::member_count_of(shorter) == 3);
  const auto open = shown(with.row, shorter, permit);
  CHECK(open[0] == values[0]);
  CHECK(open[1] == name_of(c::Errc::tampered));
  CHECK(open[2].substr(0, 1) == "<");  // its number is another now, or its revision is none
  // A member under each other number that is declared, alone and beside the genuine one.
  for (std::size_t i = 0; i != 3; ++i) {
    for (std::size_t as = 0; as != 3; ++as) {
      if (as == i) continue;
      c::Bytes renamed = joined({with.head, with.parts[i]});
      renamed[with.head.size()] = static_cast<std::byte>(numbers[as] & 0xffU);
      renamed[with.head.size() + 1] = static_cast<std::byte>(numbers[as] >> 8U);
      CAPTURE(i, as);
      CHECK(shown(with.row, renamed, permit)[as] == name_of(c::Errc::tampered));
      CHECK(shown(with.row, renamed, permit)[i] == name_of(c::Errc::foreign_envelope));
    }
  }
  for (unsigned revision = 0; revision != 256; ++revision) {
    if (revision == 1) continue;
    c::Bytes other = joined({with.head, with.parts[0]});
    other[with.head.size() + 2] = static_cast<std::byte>(revision);
    CHECK(shown(with.row, other, permit)[0] == name_of(c::Errc::unknown_revision));
    Edge edge;
    CHECK(failure(c::at_rest::from_group(with.row, other, edge)) == code(c::Errc::unknown_revision));
    CHECK_FALSE(edge.low.has_value());
  }
}

TEMPLATE_TEST_CASE("a member's revision is sealed, even where both declarations say the same", "[group][attack]", World,
                   GcmWorld) {
  TestType world;
  const auto person = world.person("u1");
  const auto row = world.template row<Renamed>("r", person);
  const auto permit = world.template permit<AccountService>(person);
  Renamed record;
  record.name = std::string("Li Lei");
  record.motto = std::string("onward");
  REQUIRE(c::bind_record(row, record));
  c::Bytes group = *group_bytes(record.name);
  if (!runs(group)) return;
  const std::size_t revision = c::detail::GroupReader(group).head_size() + 2;
  REQUIRE(group[revision] == std::byte{2});
  group[revision] = std::byte{1};
  Renamed loaded;
  REQUIRE(c::at_rest::from_group(row, group, loaded));
  CHECK(refusal(loaded.name, permit) == code(c::Errc::tampered));
  CHECK(released(loaded.motto, permit) == "onward");
}

TEMPLATE_TEST_CASE("members in any choice and order: ascending ones open, others are no group", "[group][attack]",
                   World, GcmWorld) {
  Sealed<TestType> with;
  if (!runs(with.group)) return;
  const auto permit = with.permit();
  std::size_t sound = 0;
  for (std::size_t first = 0; first != 4; ++first) {
    for (std::size_t second = 0; second != 4; ++second) {
      for (std::size_t third = 0; third != 4; ++third) {
        c::Bytes bytes(with.head.begin(), with.head.end());
        std::vector<std::size_t> chosen;
        for (const std::size_t which : {first, second, third}) {
          if (which == 3) continue;
          bytes.insert(bytes.end(), with.parts[which].begin(), with.parts[which].end());
          chosen.push_back(which);
        }
        const bool ascending =
            !chosen.empty() && std::adjacent_find(chosen.begin(), chosen.end(), std::greater_equal<>()) == chosen.end();
        Edge edge;
        const auto taken = c::at_rest::from_group(with.row, bytes, edge);
        CAPTURE(first, second, third);
        CHECK(failure(taken) == (ascending        ? fine
                                 : chosen.empty() ? code(c::Errc::truncated)
                                                  : code(c::Errc::malformed)));
        const auto open = shown(with.row, bytes, permit);
        for (std::size_t i = 0; i != 3; ++i) {
          const bool in = std::find(chosen.begin(), chosen.end(), i) != chosen.end();
          if (ascending) CHECK(open[i] == (in ? values[i] : name_of(c::Errc::foreign_envelope)));
          if (!ascending && !chosen.empty()) CHECK(open[i] == name_of(c::Errc::malformed));
        }
        sound += ascending ? 1U : 0U;
      }
    }
  }
  CHECK(sound == 1 + 3 * 3 + 3 * 3);  // all three; two of them, with the gap in any place; one of them in any place
}

TEST_CASE("release straight from a group's bytes", "[group][attack]") {
  Sealed<World> with;
  const auto permit = with.permit();
  std::string text;
  auto sink = c::sink<AccountService, "test", c::Level::core>([&](std::string_view seen) { text = seen; });
  const auto release = [&](c::ByteView bytes) {
    text = "untouched";
    return failure(c::at_rest::release<&Edge::between>(with.row, bytes, permit, sink));
  };
  CHECK(release(with.group) == fine);
  CHECK(text == values[1]);
  CHECK(release(joined({with.head, with.parts[1]})) == fine);
  CHECK(release(joined({with.head, with.parts[0], with.parts[2]})) == code(c::Errc::foreign_envelope));
  CHECK(text == "untouched");
  const auto begin = static_cast<std::size_t>(with.parts[1].data() - with.group.data());
  for (std::size_t at = 0; at != with.group.size(); ++at) {
    c::Bytes flipped = with.group;
    flipped[at] ^= std::byte{1};
    const bool own = at < with.head.size() || (at >= begin && at < begin + with.parts[1].size());
    const int failed = release(flipped);
    CAPTURE(at);
    if (own) CHECK(failed != fine);
    CHECK(text == (failed == fine ? values[1] : "untouched"));
  }
  for (std::size_t size = 0; size != with.group.size(); ++size) {
    const int failed = release(c::ByteView(with.group).first(size));
    CHECK((failed == fine) == (size == begin + with.parts[1].size()));
  }
  const auto other = with.world.row<Edge>("r", with.person, 4);
  CHECK(failure(c::at_rest::release<&Edge::between>(other, with.group, permit, sink)) == code(c::Errc::tampered));
  REQUIRE(with.world.ring().erase(with.person));
  CHECK(release(with.group) == code(c::Errc::destroyed));
}

TEST_CASE("a group in text form is read in its one form only", "[group][attack]") {
  Sealed<World> with;
  const auto permit = with.permit();
  const std::string text = c::detail::to_text_form(with.group);
  Edge edge;
  REQUIRE(c::at_rest::from_text<&Edge::between>(with.row, text, edge.between));
  CHECK(released(edge.between, permit) == values[1]);
  CHECK(*c::at_rest::text(edge.between) == c::detail::to_text_form(joined({with.head, with.parts[1]})));
  CHECK(failure(c::at_rest::from_text<&Edge::alone>(with.row, text, edge.alone)) == code(c::Errc::foreign_envelope));
  for (const std::string& bad : {text + "=", text + "\n", text.substr(4), text.substr(0, 60), "~c2." + text.substr(4)})
    CHECK(failure(c::at_rest::from_text<&Edge::low>(with.row, bad, edge.low)) != fine);
  CHECK_FALSE(edge.low.has_value());
}

TEST_CASE("copies, moves and assignments of members keep a group alive and whole", "[group]") {
  Text kept;
  Sealed<World> with;
  const auto permit = with.permit();
  {
    Edge copy = with.made;
    copy.low = copy.low;  // NOLINT(clang-diagnostic-self-assign-overloaded)
    Text& same = copy.low;
    copy.low = std::move(same);
    CHECK(released(copy.low, permit) == values[0]);
    copy = with.made;
    Edge moved = std::move(copy);
    CHECK(*group_bytes(moved.high) == with.group);
    CHECK_FALSE(copy.low.has_value());  // NOLINT(bugprone-use-after-move)
    kept = std::move(moved.low);
    moved.between.reset();
    CHECK(released(moved.high, permit) == values[2]);
  }
  with.made = Edge{};
  CHECK(released(kept, permit) == values[0]);
  CHECK(*group_bytes(kept) == with.group);

  Edge edge;  // a member in another member's place is not taken for it
  REQUIRE(c::at_rest::from_group(with.row, with.group, edge));
  std::swap(edge.low, edge.high);
  const auto bound = c::bind_record(with.row, edge);
  CHECK(failure(bound) == code(c::Errc::foreign_envelope));
  edge.alone = edge.low;
  std::swap(edge.low, edge.high);
  CHECK(failure(c::bind_record(with.row, edge)) == code(c::Errc::foreign_envelope));
  edge.alone.reset();
  CHECK(c::bind_record(with.row, edge));
  CHECK(*group_bytes(edge.low) == with.group);
}

TEST_CASE("a member taken out, put back or sealed alone leaves no older value behind", "[group][attack]") {
  Sealed<World> with;
  const auto permit = with.permit();
  Edge edge = with.made;
  edge.low = std::string("newer");
  REQUIRE(c::bind<&Edge::low>(with.row, edge.low));  // sealed alone: the others' group still has the older one
  CHECK((*c::at_rest::blob(edge.low))[0] == std::byte{0xC1});
  REQUIRE(c::bind_record(with.row, edge));
  const c::Bytes group = *group_bytes(edge.high);
  CHECK(*group_bytes(edge.low) == group);
  CHECK(shown(with.row, group, permit) == std::array<std::string, 3>{"newer", values[1], values[2]});
  edge.between.reset();
  REQUIRE(c::bind_record(with.row, edge));
  CHECK(shown(with.row, *group_bytes(edge.high), permit) ==
        std::array<std::string, 3>{"newer", name_of(c::Errc::foreign_envelope), values[2]});
  edge.low = with.made.low;  // an older copy of the same place is a value like any other
  REQUIRE(c::bind_record(with.row, edge));
  CHECK(shown(with.row, *group_bytes(edge.high), permit)[0] == values[0]);
}

TEMPLATE_TEST_CASE("threads copy, open and seal what one group was", "[group][threads]", World, GcmWorld) {
  Sealed<TestType> with;
  if (!runs(with.group)) return;
  const auto permit = with.permit();
  std::array<std::vector<std::string>, 4> nonces;
  std::array<int, 4> wrong{};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t != nonces.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round != 100; ++round) {
        Edge copy = with.made;
        Edge other;
        if (!c::at_rest::from_group(with.row, with.group, other)) ++wrong[t];
        std::swap(copy.high, other.high);
        copy.low = std::string("mine");
        if (!c::bind_record(with.row, copy) || released(copy.low, permit) != "mine" ||
            released(copy.between, permit) != values[1] || released(other.high, permit) != values[2] ||
            released(with.made.low, permit) != values[0])
          ++wrong[t];
        const c::Bytes group = *group_bytes(copy.high);
        nonces[t].emplace_back(c::as_text(c::ByteView(group).subspan(6, with.head.size() - 6)));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<std::string> all{std::string(c::as_text(with.head.subspan(6)))};
  for (std::size_t t = 0; t != nonces.size(); ++t) {
    CHECK(wrong[t] == 0);
    all.insert(all.end(), nonces[t].begin(), nonces[t].end());
  }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  CHECK(all.size() == 401);
  CHECK(*group_bytes(with.made.low) == with.group);
}

TEMPLATE_TEST_CASE("a forked child seals groups under nonces of its own", "[group][fork]", World, GcmWorld) {
  Sealed<TestType> with;
  if (!runs(with.group)) return;
  const std::size_t length = with.head.size() - 6;
  const auto seal = [&](std::string_view value) {
    std::string out;
    for (int i = 0; i != 20; ++i) {
      with.made.low = std::string(value);
      if (!c::bind_record(with.row, with.made)) return std::string();
      out += c::as_text(c::ByteView(*group_bytes(with.made.low)).subspan(6, length));
    }
    return out;
  };
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string theirs = seal("child");
    const bool written = ::write(ends[1], theirs.data(), theirs.size()) == static_cast<ssize_t>(20 * length);
    ::_exit(written ? 0 : 1);
  }
  const std::string ours = seal("parent");
  std::string theirs(20 * length, '\0');
  REQUIRE(::read(ends[0], theirs.data(), theirs.size()) == static_cast<ssize_t>(theirs.size()));
  int status = 1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  ::close(ends[0]);
  ::close(ends[1]);
  std::vector<std::string> all;
  for (std::size_t i = 0; i != 20; ++i) {
    all.push_back(ours.substr(i * length, length));
    all.push_back(theirs.substr(i * length, length));
  }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("what a group's bytes say of a suite that does not run here, or of none", "[group][attack]") {
  Sealed<World> with;
  Edge edge;
  c::Bytes other = with.group;
  other[1] = std::byte{0x7f};
  const auto refused = c::at_rest::from_group(with.row, other, edge);
  CHECK(failure(refused) == code(c::Errc::suite_unavailable));
  CHECK(failure(c::at_rest::from_blob<&Edge::low>(with.row, other, edge.low)) == code(c::Errc::suite_unavailable));
  CHECK(failure(c::at_rest::from_group(with.row, c::ByteView(other).first(5), edge)) == code(c::Errc::truncated));
  const auto single = c::seal_for<&Edge::alone>(with.row, "alone");
  CHECK(failure(c::at_rest::from_group(with.row, *c::at_rest::blob(*single), edge)) == code(c::Errc::malformed));
  CHECK(failure(c::at_rest::from_group(c::Binding{}, with.group, edge)) == code(c::Errc::not_bound));
  CHECK_FALSE(edge.low.has_value());
}
