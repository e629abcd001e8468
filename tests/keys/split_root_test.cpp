// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/gf256.hpp>
#include <custody/keys/split_root.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "custody_catch.hpp"
#include "keys/files.hpp"

using namespace custody;
using test::hex;

namespace {

constexpr Role keeper{"keeper", RoleKind::staff, Level::core, nullptr, 0};
constexpr Actor on_call{&keeper, "on-call-7"};
const ManualClock clock_at(Instant{1'700'000'000'000});

/// Keeps what it is told, or fails.
class Log final : public Witness {
 public:
  [[nodiscard]] Result<void> record(std::span<const Event> events) noexcept override {
    if (broken) return Errc::disk_full;
    for (std::size_t i = 0; i != events.size(); ++i) entries.push_back(events[i]);
    return {};
  }
  bool broken = false;
  std::vector<Event> entries;
};

std::string shared_identity(const RootKey& root) { return hex(root.derive("identity")->view()); }

RootShare copy_of(const RootShare& share) { return std::move(*RootShare::from_bytes(share.bytes()->view())); }
std::vector<RootShare> pick(const std::vector<RootShare>& from, const std::vector<std::size_t>& which) {
  std::vector<RootShare> out;
  for (const std::size_t i : which) out.push_back(copy_of(from[i]));
  return out;
}
Result<RootKey> combine(const std::vector<RootShare>& shares) {
  Log log;
  return SplitRoot::combine(shares, on_call, log, clock_at);
}
/// A share as a dishonest holder rewrites it, with a checksum that is right again.
RootShare forge(const RootShare& share, std::size_t byte, unsigned bits) {
  const auto all = share.bytes();
  Bytes changed(all->view().begin(), all->view().end());
  changed[byte] ^= static_cast<std::byte>(bits);
  const auto sum = blake2b<16>({as_bytes("custody.share.1"), ByteView(changed).first(84)});
  std::copy(sum.begin(), sum.end(), changed.begin() + 84);
  auto read = RootShare::from_bytes(changed);
  REQUIRE(read);
  return std::move(*read);
}

// computed by another implementation (Python's integers and hashlib): 3 of 5, the root is 00 01 .. 1f
const std::array<std::string, 5> frozen{
    "custody-share-1 3-of-5 1 AQMFAaChoqOkpaanqKmqq6ytrq-vkJSIyfyTz9sjpy1kr"
    "tzSg_gNkH1vNcs9B5u5yFaW8kz9jZjfOMuBshjskUQ-YwNTOYiE_jM3MT7NhUwEzhHXnH28nVRHgiUxwBpgxG_Gig",
    "custody-share-1 3-of-5 2 AQMFAqChoqOkpaanqKmqq6ytrq-vkJSIyfyTz9sjpy1kr"
    "tzSg_gNkH1vNcs9B5u5yFaW8v3ertMLHcLFTNkzPCnSX0LRAyMjw432SGOZ2b1pv8IzcTTKtS6I3ZoumyTjbW5rJg",
    "custody-share-1 3-of-5 3 AQMFA6ChoqOkpaanqKmqq6ytrq-vkJSIyfyTz9sjpy1kr"
    "tzSg_gNkH1vNcs9B5u5yFaW8rEiIUjQIA9D9sjVpmHhMk6SK7m0KavXbkVNRupxbM37lDcuVdYEI11M0WGLogt7jw",
    "custody-share-1 3-of-5 4 AQMFBKChoqOkpaanqKmqq6ytrq-vkJSIyfyTz9sjpy1kr"
    "tzSg_gNkH1vNcs9B5u5yFaW8m5U02GkpprhLFftBaR6ttqOJghnwUNz5TLOMmz5Ppjt_AfIwa78MGfElv4oJFdU9Q",
    "custody-share-1 3-of-5 5 AQMFBaChoqOkpaanqKmqq6ytrq-vkJSIyfyTz9sjpy1kr"
    "tzSg_gNkH1vNcs9B5u5yFaW8iKoXPp_m1dnlkYLn-xJ29bNDpLwK2VSwxQarTvh7ZclUaFr9MafP6gJOmdY7WtIaw"};

}  // namespace

TEST_CASE("any k of n shares give the root, in any order, fewer do not", "[split_root]") {
  const auto root = RootKey::from_bytes(test::pattern(32, 5));
  for (std::size_t needed = 2; needed != 6; ++needed) {
    const auto shares = SplitRoot::split(*root, needed, 5);
    REQUIRE(shares);
    REQUIRE(shares->size() == 5);
    for (unsigned subset = 0; subset != 32; ++subset) {
      std::vector<std::size_t> which;
      for (std::size_t i = 0; i != 5; ++i) {
        if ((subset >> i & 1) != 0) which.push_back(i);
      }
      do {
        const auto got = combine(pick(*shares, which));
        if (which.size() >= needed) {
          REQUIRE(got);
          REQUIRE(shared_identity(*got) == shared_identity(*root));
        } else {
          REQUIRE(got.error() == Errc::truncated);
        }
      } while (which.size() < 4 && std::next_permutation(which.begin(), which.end()));
    }
  }
}

TEST_CASE("two people, sixteen, and as many as there can be", "[split_root]") {
  const auto root = RootKey::from_bytes(test::pattern(32, 6));
  for (const auto& [needed, count] : {std::pair{2, 2}, {2, 16}, {16, 16}, {3, 255}, {255, 255}}) {
    auto shares = SplitRoot::split(*root, static_cast<std::size_t>(needed), static_cast<std::size_t>(count));
    REQUIRE(shares);
    REQUIRE(shares->size() == static_cast<std::size_t>(count));
    shares->erase(shares->begin(), shares->end() - needed);
    CHECK(shared_identity(*combine(*shares)) == shared_identity(*root));
  }
  for (const auto& [needed, count] : {std::pair{0, 0}, {1, 1}, {1, 5}, {0, 3}, {4, 3}, {2, 256}, {257, 257}}) {
    const auto refused = SplitRoot::split(*root, static_cast<std::size_t>(needed), static_cast<std::size_t>(count));
    CHECK(refused.error() == Errc::malformed);
  }
  const test::NoRandomness failure;
  CHECK(SplitRoot::split(*root, 2, 3).error() == Errc::no_randomness);
}

TEST_CASE("the shares of another implementation open the root they were made of", "[split_root]") {
  std::vector<RootShare> shares;
  for (const std::string& line : frozen) {
    auto share = RootShare::from_line(line);
    REQUIRE(share);
    CHECK(*share->line() == line);
    shares.push_back(std::move(*share));
  }
  Bytes counting(32);
  for (unsigned i = 0; i != 32; ++i) counting[i] = static_cast<std::byte>(i);
  const std::string wanted = shared_identity(*RootKey::from_bytes(counting));
  CHECK(shared_identity(*combine(shares)) == wanted);
  CHECK(shared_identity(*combine(pick(shares, {4, 0, 2}))) == wanted);
}

TEST_CASE("k - 1 shares fit every root alike", "[split_root]") {
  const auto root = RootKey::from_bytes(test::pattern(32, 7));
  for (const std::size_t needed : {2U, 3U, 4U}) {
    const auto shares = SplitRoot::split(*root, needed, 4);
    REQUIRE(shares);
    // Points 1 to k - 1 are known; for each value of the root's first byte there is one value of share k, and no two
    // values need the same.
    std::array<detail::Gf256, 4> points{};
    for (std::size_t i = 0; i + 1 != needed; ++i) points[i + 1] = static_cast<detail::Gf256>(i + 1);
    std::set<unsigned> last;
    for (unsigned secret = 0; secret != 256; ++secret) {
      unsigned value = 0;
      for (std::size_t i = 0; i != needed; ++i) {
        const auto own = i == 0 ? secret : std::to_integer<unsigned>((*shares)[i - 1].bytes()->view()[52]);
        value ^= detail::gf256_multiply(static_cast<detail::Gf256>(own),
                                        detail::gf256_weight(points.data(), static_cast<unsigned>(needed), points[i],
                                                             static_cast<detail::Gf256>(needed)));
      }
      last.insert(value);
      if (secret == std::to_integer<unsigned>(test::pattern(32, 7)[0]))
        CHECK(value == std::to_integer<unsigned>((*shares)[needed - 1].bytes()->view()[52]));
    }
    CHECK(last.size() == 256);
  }
  // no coefficient is left out or used twice: one byte of a share takes every value about equally often
  std::array<int, 256> seen{};
  for (int i = 0; i != 4096; ++i) {
    const auto shares = SplitRoot::split(*root, 2, 2);
    ++seen[std::to_integer<std::size_t>((*shares)[1].bytes()->view()[60])];
  }
  CHECK(*std::max_element(seen.begin(), seen.end()) < 50);  // 16 expected
  CHECK(std::count(seen.begin(), seen.end(), 0) < 3);
}

TEST_CASE("two splits of one root have nothing in common", "[split_root]") {
  const auto root = RootKey::from_bytes(test::pattern(32, 8));
  const auto one = SplitRoot::split(*root, 2, 3);
  const auto two = SplitRoot::split(*root, 2, 3);
  CHECK_FALSE((*one)[0].same_split((*two)[0]));
  for (std::size_t i = 0; i != 3; ++i) {
    const auto a = (*one)[i].bytes();
    const auto b = (*two)[i].bytes();
    CHECK(hex(a->view().subspan(4, 16)) != hex(b->view().subspan(4, 16)));
    CHECK(hex(a->view().subspan(20, 32)) != hex(b->view().subspan(20, 32)));
    CHECK(hex(a->view().subspan(52, 32)) != hex(b->view().subspan(52, 32)));
    CHECK(hex(a->view()).find(hex(test::pattern(32, 8))) == std::string::npos);
  }
  std::vector<RootShare> mixed;
  mixed.push_back(copy_of((*one)[0]));
  mixed.push_back(copy_of((*two)[1]));
  CHECK(combine(mixed).error() == Errc::wrong_root);
  CHECK(combine(mixed).error().at == 1);
}

TEST_CASE("a share given twice, moved from, or missing is named", "[split_root]") {
  const auto root = RootKey::from_bytes(test::pattern(32, 9));
  const auto shares = SplitRoot::split(*root, 3, 4);
  const auto doubled = combine(pick(*shares, {0, 1, 0}));
  CHECK(doubled.error() == Errc::already_there);
  CHECK(doubled.error().at == 2);
  CHECK(combine(pick(*shares, {0, 1, 2, 0})).error() == Errc::already_there);
  CHECK(combine({}).error() == Errc::truncated);
  CHECK(combine(pick(*shares, {3, 1})).error() == Errc::truncated);
  auto three = pick(*shares, {0, 1, 2});
  const RootShare taken = std::move(three[1]);
  CHECK(combine(three).error() == Errc::moved_from);
  CHECK(three[1].bytes().error() == Errc::moved_from);
  CHECK(three[1].line().error() == Errc::moved_from);
  static_assert(!std::is_copy_constructible_v<RootShare> && !std::is_default_constructible_v<RootShare>);
}

TEST_CASE("a forged share gives no key, whatever was forged", "[split_root]") {
  const auto root = RootKey::from_bytes(test::pattern(32, 10));
  const auto shares = SplitRoot::split(*root, 2, 4);
  for (std::size_t byte = 52; byte != 84; ++byte) {
    auto bad = pick(*shares, {0, 1});
    bad[1] = forge(bad[1], byte, 0x10);
    REQUIRE(combine(bad).error() == Errc::tampered);
    auto extra = pick(*shares, {0, 1, 2});
    extra[2] = forge(extra[2], byte, 0x01);  // the first two alone would do
    REQUIRE(combine(extra).error() == Errc::tampered);
  }
  auto moved = pick(*shares, {0, 1});
  moved[1] = forge(moved[1], 3, 0x06);  // says that it is share 4
  CHECK(combine(moved).error() == Errc::tampered);
  for (const std::size_t byte : {4U, 19U, 20U, 51U}) {
    auto bad = pick(*shares, {0, 1});
    bad[0] = forge(bad[0], byte, 0x80);
    CHECK(combine(bad).error() == Errc::wrong_root);
    bad[1] = forge(bad[1], byte, 0x80);  // all of them
    CHECK(combine(bad).error() == Errc::tampered);
  }
  const auto of_three = SplitRoot::split(*root, 3, 4);
  auto lowered = pick(*of_three, {0, 1});
  for (RootShare& share : lowered) share = forge(share, 1, 0x01);  // k from 3 to 2
  CHECK(combine(lowered).error() == Errc::tampered);
}

TEST_CASE("a damaged share is refused before it is combined", "[split_root]") {
  const auto root = RootKey::from_bytes(test::pattern(32, 11));
  const auto shares = SplitRoot::split(*root, 2, 3);
  const auto all = (*shares)[1].bytes();
  REQUIRE(all->size() == RootShare::size);
  const Bytes good(all->view().begin(), all->view().end());
  for (std::size_t bit = 0; bit != good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    REQUIRE(RootShare::from_bytes(bad).error() == (bit < 8 ? Errc::malformed : Errc::tampered));
  }
  for (std::size_t size = 0; size != good.size(); ++size)
    REQUIRE(RootShare::from_bytes(ByteView(good).first(size)).error() == Errc::truncated);
  Bytes longer = good;
  longer.push_back(std::byte{0});
  CHECK(RootShare::from_bytes(longer).error() == Errc::malformed);
  CHECK(RootShare::from_bytes(Bytes(RootShare::size)).error() == Errc::malformed);

  const std::string line = *(*shares)[1].line();
  CHECK(line.starts_with("custody-share-1 2-of-3 2 "));
  CHECK(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  CHECK(RootShare::from_line(line + "\n"));
  for (std::size_t bit = 0; bit != line.size() * 8; ++bit) {
    std::string bad = line;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const auto read = RootShare::from_line(bad);
    CAPTURE(bad);
    REQUIRE_FALSE(read);
  }
  for (std::size_t size = 0; size != line.size(); ++size)
    REQUIRE(RootShare::from_line(line.substr(0, size)).error() == Errc::truncated);
  for (const std::string& bad : {line + " ", " " + line, line + "\n\n", line + "\r\n", line + "=", line + "A",
                                 "Custody" + line.substr(7), std::string("hello"), "custody-share-2" + line.substr(15)})
    CHECK(RootShare::from_line(bad).error() == Errc::malformed);
  std::string other_head = line;
  other_head.replace(16, 6, "3-of-3");
  CHECK(RootShare::from_line(other_head).error() == Errc::tampered);
  CHECK(RootShare::from_line("custody-share-1 2-of-3 02 " + line.substr(25)).error() == Errc::tampered);
}

TEST_CASE("impossible numbers are refused, right checksum or not", "[split_root]") {
  const auto share = RootShare::from_line(frozen[0]);
  const auto all = share->bytes();
  const auto with = [&](unsigned needed, unsigned count, unsigned index) {
    Bytes changed(all->view().begin(), all->view().end());
    changed[1] = static_cast<std::byte>(needed);
    changed[2] = static_cast<std::byte>(count);
    changed[3] = static_cast<std::byte>(index);
    const auto sum = blake2b<16>({as_bytes("custody.share.1"), ByteView(changed).first(84)});
    std::copy(sum.begin(), sum.end(), changed.begin() + 84);
    return RootShare::from_bytes(changed).has_value();
  };
  CHECK(with(3, 5, 5));
  CHECK_FALSE(with(3, 5, 0));  // the root itself
  CHECK_FALSE(with(3, 5, 6));
  CHECK_FALSE(with(1, 5, 1));
  CHECK_FALSE(with(0, 5, 1));
  CHECK_FALSE(with(3, 2, 1));
}

TEST_CASE("no evidence, no key", "[split_root]") {
  const auto root = RootKey::from_bytes(test::pattern(32, 12));
  const auto shares = SplitRoot::split(*root, 2, 3);
  Log log;
  REQUIRE(SplitRoot::combine(*shares, on_call, log, clock_at));
  REQUIRE(log.entries.size() == 1);
  const Event& event = log.entries[0];
  CHECK((event.verb == Verb::open && event.granted && event.level == Level::core));
  CHECK((event.role == "keeper" && event.actor == "on-call-7" && event.place == "break-glass"));
  CHECK(event.at == clock_at.now());

  CHECK(SplitRoot::combine(pick(*shares, {0}), on_call, log, clock_at).error() == Errc::truncated);
  REQUIRE(log.entries.size() == 2);  // the attempt stands there, too
  CHECK((!log.entries[1].granted && log.entries[1].reason == Errc::truncated));

  log.broken = true;
  CHECK(SplitRoot::combine(*shares, on_call, log, clock_at).error() == Errc::evidence_unwritable);
  CHECK(SplitRoot::combine(pick(*shares, {0}), on_call, log, clock_at).error() == Errc::evidence_unwritable);
  log.broken = false;
  CHECK(SplitRoot::combine(*shares, Actor{}, log, clock_at).error() == Errc::malformed);
  CHECK(SplitRoot::combine(*shares, Actor{&keeper, ""}, log, clock_at).error() == Errc::malformed);
  CHECK(log.entries.size() == 2);
}

TEST_CASE("what others could guess or what is elsewhere is not split", "[split_root]") {
  PassphraseParameters parameters;
  parameters.cost = PassphraseCost::interactive();
  CHECK(SplitRoot::split(*RootKey::from_passphrase("correct horse", parameters), 2, 3).error() == Errc::malformed);
}
