// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <custody/evidence/audit_log.hpp>
#include <custody/evidence/log_verifier.hpp>

#include "custody_catch.hpp"
#include "fakes.hpp"

using namespace evidence_test;
using custody::AuditLog;
using custody::AuditLogOptions;
using custody::minutes;
using custody::seconds;
using Fault = FakeLeaves::Fault;

namespace {

struct Bench {
  FakeLeaves leaves;
  FakeKeys keys;
  custody::ManualClock clock{Instant{1'700'000'000'000}};
  AuditLogOptions options{.origin = "demo.example/audit"};

  Result<std::unique_ptr<AuditLog>> open(unsigned root_number = 1) {
    return AuditLog::open(leaves, keys, root(root_number), clock, options);
  }
  std::unique_ptr<AuditLog> log() {
    auto opened = open();
    REQUIRE(opened);
    return *std::move(opened);
  }
  /// A closed log of `count` leaves.
  void fill(unsigned count) {
    auto log_ = log();
    for (unsigned i = 0; i != count; ++i) REQUIRE(record_one(*log_, common_event(i)));
    REQUIRE(log_->close());
  }
  custody::LogVerdict verdict() {
    auto opened = log();
    const std::string note = *opened->checkpoint();
    return custody::verify_log(leaves.leaves, note, opened->vkey());
  }
};

std::vector<Handle> subjects(AuditLog& log) {
  std::vector<Handle> who;
  const auto entries = log.entries(0, 1'000'000);
  REQUIRE(entries);
  for (const auto& entry : *entries) who.push_back(entry.event().subject);
  return who;
}
std::vector<Handle> handles(std::initializer_list<unsigned> numbers) {
  std::vector<Handle> who;
  for (const unsigned n : numbers) who.push_back(handle(n));
  return who;
}

}  // namespace

TEST_CASE("granted releases below grade4 wait for company", "[evidence]") {
  Bench bench;
  auto log = bench.log();
  for (unsigned i = 0; i != 5; ++i) REQUIRE(record_one(*log, common_event(i)));
  CHECK(bench.leaves.leaves.empty());
  CHECK(log->size() == 5);
  REQUIRE(log->flush());
  CHECK(bench.leaves.leaves.size() == 5);
  CHECK(bench.leaves.appends == 1);
}

TEST_CASE("what must be evident at once is on disk when record returns", "[evidence]") {
  Bench bench;
  auto log = bench.log();
  REQUIRE(record_one(*log, common_event(0)));
  Event event = common_event(1);
  SECTION("grade4") { event.level = Level::grade4; }
  SECTION("core") { event.level = Level::core; }
  SECTION("a refusal") { event.granted = false; }
  SECTION("another verb") {
    event.verb = GENERATE(Verb::erase, Verb::withdraw, Verb::consent, Verb::derive, Verb::provide);
  }
  REQUIRE(record_one(*log, event));
  CHECK(bench.leaves.leaves.size() == 2);
  CHECK(subjects(*log) == handles({0, 1}));
}

TEST_CASE("permits and releases are the ones that may wait", "[evidence]") {
  Bench bench;
  auto log = bench.log();
  Event event = common_event(1);
  event.verb = Verb::permit;
  REQUIRE(record_one(*log, event));
  CHECK(bench.leaves.leaves.empty());
}

TEST_CASE("the buffer is bounded by count", "[evidence]") {
  Bench bench;
  bench.options.buffered_entries = 10;
  auto log = bench.log();
  for (unsigned i = 0; i != 9; ++i) REQUIRE(record_one(*log, common_event(i)));
  CHECK(bench.leaves.leaves.empty());
  REQUIRE(record_one(*log, common_event(9)));
  CHECK(bench.leaves.leaves.size() == 10);
}

TEST_CASE("the buffer is bounded by age", "[evidence]") {
  Bench bench;
  auto log = bench.log();
  Event event = common_event(0);
  REQUIRE(record_one(*log, event));
  event.at = event.at + custody::Duration{999};
  REQUIRE(record_one(*log, event));
  CHECK(bench.leaves.leaves.empty());
  SECTION("later") { event.at = event.at + custody::Duration{1}; }
  SECTION("the clock went back") { event.at = event.at - minutes(1); }
  REQUIRE(record_one(*log, event));
  CHECK(bench.leaves.leaves.size() == 3);
}

TEST_CASE("several events are recorded together or not at all", "[evidence]") {
  Bench bench;
  auto log = bench.log();
  const std::string long_name(300, 'x');
  Event events[2] = {common_event(0), common_event(1)};
  events[1].actor = long_name;
  CHECK(log->record(events).error() == Errc::too_large);
  CHECK(log->size() == 0);
  events[1].actor = "a";
  CHECK(log->record(events));
  CHECK(log->record({}));
  CHECK(log->size() == 2);
}

TEST_CASE("no log, no plaintext: a log that cannot be written refuses everything until it can", "[evidence]") {
  Bench bench;
  auto log = bench.log();
  REQUIRE(record_one(*log, common_event(0)));
  bench.leaves.fault = Fault::refuse;
  CHECK(record_one(*log, urgent_event(1)).error() == Errc::evidence_unwritable);
  CHECK(record_one(*log, common_event(2)).error() == Errc::evidence_unwritable);  // would have waited
  CHECK(log->flush().error() == Errc::evidence_unwritable);
  CHECK(log->checkpoint().error() == Errc::evidence_unwritable);
  CHECK(log->close().error() == Errc::evidence_unwritable);
  CHECK(bench.leaves.leaves.empty());
  bench.leaves.fault = Fault::none;
  SECTION("a flush recovers") { REQUIRE(log->flush()); }
  SECTION("the next record recovers") {}
  REQUIRE(record_one(*log, common_event(3)));
  CHECK(subjects(*log) == handles({0, 1, 2, 3}));
  const auto entries = *log->entries(0, 10);
  CHECK(entries[0].event().granted);
  for (const std::size_t told : {std::size_t{1}, std::size_t{2}}) {  // their callers were refused, and so the log says
    CHECK_FALSE(entries[told].event().granted);
    CHECK(entries[told].event().reason == Errc::evidence_unwritable);
  }
  CHECK(entries[3].event().granted);
  CHECK(log->unrecorded() == 0);
  CHECK(log->verify());
}

TEST_CASE("a write whose outcome is unknown leaves neither gap nor double", "[evidence]") {
  Bench bench;
  auto log = bench.log();
  REQUIRE(record_one(*log, common_event(0)));
  REQUIRE(record_one(*log, common_event(1)));
  bench.leaves.fault = GENERATE(Fault::write_then_fail, Fault::write_half_then_fail);
  const bool whole = bench.leaves.fault == Fault::write_then_fail;
  CHECK(record_one(*log, urgent_event(2)).error() == Errc::evidence_unwritable);
  bench.leaves.fault = Fault::none;
  REQUIRE(record_one(*log, urgent_event(3)));
  CHECK(subjects(*log) == handles({0, 1, 2, 3}));
  CHECK(log->entries(2, 1)->front().event().granted == whole);
  CHECK(log->absorbed() == 0);
  CHECK(log->size() == 4);
  CHECK(bench.verdict().ok);
}

TEST_CASE("while the store fails memory stays bounded, and what leaves no entry is counted", "[evidence]") {
  Bench bench;
  bench.options.kept_entries = 5;
  auto log = bench.log();
  bench.leaves.fault = Fault::refuse;
  for (unsigned i = 0; i != 8; ++i) CHECK(record_one(*log, urgent_event(i)).error() == Errc::evidence_unwritable);
  CHECK(log->unrecorded() == 3);
  bench.leaves.fault = Fault::none;
  REQUIRE(record_one(*log, urgent_event(8)));
  CHECK(subjects(*log) == handles({0, 1, 2, 3, 4, 8}));
}

TEST_CASE("a head that cannot be saved stops the log before the next entry", "[evidence]") {
  Bench bench;
  bench.options.sign_every = 1;
  auto log = bench.log();
  bench.keys.refuse_facts = true;
  CHECK(record_one(*log, urgent_event(0)));  // its leaf is on disk
  CHECK(record_one(*log, common_event(1)).error() == Errc::evidence_unwritable);
  CHECK(log->flush().error() == Errc::evidence_unwritable);
  CHECK(bench.leaves.leaves.size() == 1);
  bench.keys.refuse_facts = false;
  REQUIRE(record_one(*log, common_event(2)));
  REQUIRE(log->flush());
  CHECK(subjects(*log) == handles({0, 1, 2}));
  CHECK_FALSE(log->entries(1, 1)->front().event().granted);
}

TEST_CASE("a flush that cannot save a due head says so", "[evidence]") {
  Bench bench;
  bench.options.sign_every = 1;
  auto log = bench.log();
  REQUIRE(record_one(*log, common_event(0)));
  bench.keys.refuse_facts = true;
  CHECK(log->flush().error() == Errc::evidence_unwritable);
  CHECK(bench.leaves.leaves.size() == 1);
}

TEST_CASE("a closed log records nothing", "[evidence]") {
  Bench bench;
  auto log = bench.log();
  REQUIRE(record_one(*log, common_event(0)));
  REQUIRE(log->close());
  CHECK(bench.leaves.leaves.size() == 1);
  CHECK(record_one(*log, common_event(1)).error() == Errc::evidence_unwritable);
}

TEST_CASE("a log that goes out of scope is written and signed", "[evidence]") {
  Bench bench;
  REQUIRE(record_one(*bench.log(), common_event(0)));
  CHECK(bench.leaves.leaves.size() == 1);
  auto log = bench.log();
  CHECK(log->absorbed() == 0);
}

TEST_CASE("heads are signed by count, by time and on demand", "[evidence]") {
  Bench bench;
  bench.options.sign_every = 4;
  auto log = bench.log();
  const std::size_t start = bench.keys.facts_put;
  for (unsigned i = 0; i != 3; ++i) REQUIRE(record_one(*log, urgent_event(i)));
  CHECK(bench.keys.facts_put == start);
  REQUIRE(record_one(*log, urgent_event(3)));
  CHECK(bench.keys.facts_put == start + 1);
  REQUIRE(log->checkpoint());
  CHECK(bench.keys.facts_put == start + 1);  // signed already
  REQUIRE(record_one(*log, urgent_event(4)));
  CHECK(bench.keys.facts_put == start + 1);
  bench.clock.advance(minutes(1));
  REQUIRE(log->flush());
  CHECK(bench.keys.facts_put == start + 2);
  bench.clock.advance(minutes(10));
  REQUIRE(log->flush());
  CHECK(bench.keys.facts_put == start + 2);  // nothing new
  REQUIRE(record_one(*log, urgent_event(5)));
  CHECK(bench.keys.facts_put == start + 3);
  REQUIRE(record_one(*log, common_event(6)));
  REQUIRE(log->checkpoint());
  CHECK(bench.keys.facts_put == start + 4);
}

TEST_CASE("the log reopens where it was, and outsiders verify it", "[evidence]") {
  Bench bench;
  const unsigned count = GENERATE(0U, 1U, 2U, 3U, 7U, 8U, 100U);
  bench.fill(count);
  auto log = bench.log();
  CHECK(log->size() == count);
  CHECK(*log->verify() == count);
  REQUIRE(record_one(*log, urgent_event(count)));
  const std::string note = *log->checkpoint();
  const auto verdict = custody::verify_log(bench.leaves.leaves, note, log->vkey());
  CHECK(verdict.ok);
  CHECK(verdict.size == count + 1);
  CHECK(verdict.bad_index == custody::LogVerdict::no_index);
}

TEST_CASE("entries are read in pages", "[evidence]") {
  Bench bench;
  bench.fill(20);
  auto log = bench.log();
  const auto page = *log->entries(17, 10);
  REQUIRE(page.size() == 3);
  CHECK(page[0].index == 17);
  CHECK(page[2].event().subject == handle(19));
  CHECK(log->entries(20, 1)->empty());
  CHECK(log->entries(~std::uint64_t{0}, ~std::uint64_t{0})->empty());
}

TEST_CASE("proofs from the log verify", "[evidence]") {
  Bench bench;
  bench.fill(21);
  auto log = bench.log();
  const auto head = custody::verify_checkpoint(*log->checkpoint(), log->vkey());
  REQUIRE(head.ok);
  const auto hashes = *log->leaf_hashes();
  const auto proof = *custody::inclusion_proof(13, hashes);
  CHECK(custody::verify_inclusion(custody::leaf_hash(bench.leaves.leaves[13]), 13, head.size, proof, head.root));
}

TEST_CASE("a crash leaves an unsigned tail, which is taken in and counted", "[evidence]") {
  Bench bench;
  bench.fill(5);
  for (unsigned i = 5; i != 8; ++i) bench.leaves.leaves.push_back(*custody::encode_leaf(common_event(i)));
  auto log = bench.log();
  CHECK(log->absorbed() == 3);
  CHECK(log->size() == 8);
  CHECK(log->verify());
  REQUIRE(log->close());
  log = bench.log();
  CHECK(log->absorbed() == 0);
  bench.leaves.leaves.push_back(Bytes(10));
  CHECK(bench.open().error() == Errc::tampered);
}

TEST_CASE("changes that the stores can see are found when the log is opened", "[evidence]") {
  Bench bench;
  bench.fill(37);
  auto& leaves = bench.leaves.leaves;
  Errc expected = Errc::tampered;
  unsigned root_number = 1;
  SECTION("the last leaf is gone") {
    leaves.pop_back();
    expected = Errc::truncated;
  }
  SECTION("all leaves are gone") {
    leaves.clear();
    expected = Errc::truncated;
  }
  SECTION("a leaf is dropped and another put at the end") {
    leaves.erase(leaves.begin() + 11);
    leaves.push_back(*custody::encode_leaf(common_event(99)));
  }
  SECTION("two leaves are swapped") { std::swap(leaves[3], leaves[4]); }
  SECTION("a leaf is repeated") { leaves.insert(leaves.begin() + 5, leaves[5]); }
  SECTION("a leaf is exchanged") { leaves[36] = *custody::encode_leaf(common_event(99)); }
  SECTION("the head is gone") { bench.keys.lose_facts = true; }
  SECTION("the head is another root's") { root_number = 2; }
  SECTION("the head is another log's") { bench.options.origin = "demo.example/other"; }
  const std::size_t heads = bench.keys.facts_put;
  const auto before = leaves;
  for (int again = 0; again != 2; ++again) {
    const auto opened = bench.open(root_number);
    REQUIRE_FALSE(opened);
    CHECK(opened.error() == expected);
  }
  CHECK(bench.keys.facts_put == heads);  // what was tampered with gets no fresh head
  CHECK(leaves == before);
}

TEST_CASE("an old copy of the data beside today's keys is found", "[evidence]") {
  Bench bench;
  bench.fill(10);
  const auto old = bench.leaves.leaves;
  bench.fill(10);
  REQUIRE(bench.leaves.leaves.size() == 20);
  bench.leaves.leaves = old;
  CHECK(bench.open().error() == Errc::truncated);
  for (unsigned i = 0; i != 12; ++i) bench.leaves.leaves.push_back(*custody::encode_leaf(common_event(50 + i)));
  CHECK(bench.open().error() == Errc::tampered);
}

TEST_CASE("every changed byte of the saved head is found", "[evidence]") {
  Bench bench;
  bench.fill(11);
  const Bytes good = *bench.keys.get_fact("log.head");
  for (std::size_t i = 0; i != good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= std::byte{4};
    REQUIRE(bench.keys.put_fact("log.head", bad));
    INFO("byte " << i);
    REQUIRE_FALSE(bench.open());
  }
  REQUIRE(bench.keys.put_fact("log.head", good));
  CHECK(bench.open());
}

TEST_CASE("every flipped bit is found by verify and by the independent verifier", "[evidence]") {
  Bench bench;
  bench.fill(9);
  auto log = bench.log();
  const std::string note = *log->checkpoint();
  const std::string vkey = log->vkey();
  auto& leaves = bench.leaves.leaves;
  for (std::size_t leaf = 0; leaf != leaves.size(); ++leaf) {
    for (std::size_t bit = 0; bit != leaves[leaf].size() * 8; ++bit) {
      leaves[leaf][bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      INFO("leaf " << leaf << " bit " << bit);
      const auto found = log->verify();
      REQUIRE(found.error() == Errc::tampered);
      REQUIRE(found.error().at == (leaf == 8 ? 8 : 0));  // the subtree that differs
      const auto verdict = custody::verify_log(leaves, note, vkey);
      REQUIRE_FALSE(verdict.ok);
      REQUIRE((verdict.bad_index == leaf || verdict.bad_index == custody::LogVerdict::no_index));
      leaves[leaf][bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    }
  }
  CHECK(*log->verify() == 9);
}

TEST_CASE("dropped, swapped, repeated and cut leaves are found by both", "[evidence]") {
  Bench bench;
  bench.fill(12);
  auto log = bench.log();
  const std::string note = *log->checkpoint();
  const auto good = bench.leaves.leaves;
  auto& now = bench.leaves.leaves;
  const auto both_find = [&] {
    CHECK_FALSE(custody::verify_log(now, note, log->vkey()).ok);
    CHECK_FALSE(log->verify());
    now = good;
  };
  for (std::size_t i = 0; i != good.size(); ++i) {
    now.erase(now.begin() + static_cast<std::ptrdiff_t>(i));
    both_find();
    if (i + 1 == good.size()) break;
    std::swap(now[i], now[i + 1]);
    both_find();
    now.insert(now.begin() + static_cast<std::ptrdiff_t>(i), now[i]);
    both_find();
    now.resize(i);
    both_find();
  }
  now.push_back(good.back());  // repeated at the end: an unsigned tail for the log, not what the note signs
  CHECK(std::string(custody::verify_log(now, note, log->vkey()).reason) ==
        "there are leaves that the checkpoint does not sign");
  now = good;
  CHECK(custody::verify_log(now, note, log->vkey()).ok);
}

TEST_CASE("an unreadable leaf is named", "[evidence]") {
  Bench bench;
  bench.fill(12);
  auto log = bench.log();
  const std::string note = *log->checkpoint();
  bench.leaves.leaves[7].pop_back();
  CHECK(custody::verify_log(bench.leaves.leaves, note, log->vkey()).bad_index == 7);
  CHECK(log->entries(0, 12).error() == Errc::tampered);
}

TEST_CASE("verify looks at the saved head too", "[evidence]") {
  Bench bench;
  bench.fill(4);
  const Bytes old = *bench.keys.get_fact("log.head");
  bench.fill(4);
  auto log = bench.log();
  REQUIRE(log->verify());
  REQUIRE(bench.keys.put_fact("log.head", old));
  CHECK(log->verify().error() == Errc::tampered);
}

TEST_CASE("a store that loses leaves under a running log is found at the next head", "[evidence]") {
  Bench bench;
  auto log = bench.log();
  for (unsigned i = 0; i != 4; ++i) REQUIRE(record_one(*log, urgent_event(i)));
  bench.leaves.leaves.pop_back();
  CHECK(log->entries(0, 4).error() == Errc::truncated);
  CHECK(log->leaf_hashes().error() == Errc::truncated);
  CHECK(log->verify().error() == Errc::truncated);
  CHECK(log->checkpoint().error() == Errc::evidence_unwritable);
  CHECK(record_one(*log, urgent_event(4)).error() == Errc::evidence_unwritable);
}

TEST_CASE("opening a long log reads only its newest leaves, whatever its size", "[evidence]") {
  const unsigned count = GENERATE(16384U, 20'000U);
  Bench bench;
  for (unsigned part = 0; part != 8; ++part) bench.fill(count / 8);  // each too short to move the edge by itself
  bench.leaves.reads = 0;
  auto log = bench.log();
  CHECK(bench.leaves.reads <= 8);
  CHECK(*log->verify() == count);
  REQUIRE(log->close());
  const Bytes good = bench.leaves.leaves[count - 4000];
  bench.leaves.leaves[count - 4000] = *custody::encode_leaf(common_event(7));
  CHECK(bench.open().error() == Errc::tampered);
  bench.leaves.leaves[count - 4000] = good;
  bench.leaves.leaves[100] = *custody::encode_leaf(common_event(7));  // older than what opening reads
  auto reopened = bench.open();
  REQUIRE(reopened);
  CHECK((*reopened)->verify().error() == Errc::tampered);
}

TEST_CASE("two logs over one store keep one order", "[evidence]") {
  Bench bench;
  auto first = bench.log();
  auto second = bench.log();
  REQUIRE(record_one(*first, urgent_event(0)));
  REQUIRE(record_one(*second, urgent_event(1)));
  REQUIRE(record_one(*second, urgent_event(2)));
  REQUIRE(record_one(*first, urgent_event(3)));
  CHECK(first->absorbed() == 2);
  CHECK(subjects(*first) == handles({0, 1, 2, 3}));
  const std::string note = *second->checkpoint();
  CHECK(second->absorbed() == 2);
  CHECK(custody::verify_log(bench.leaves.leaves, note, first->vkey()).ok);
  REQUIRE(record_one(*second, urgent_event(4)));
  REQUIRE(second->close());
  REQUIRE(first->close());  // signs what the other wrote, never an older head
  CHECK(bench.verdict().ok);
}

TEST_CASE("the log opens under both roots while the root is changed", "[evidence]") {
  Bench bench;
  bench.fill(3);
  {
    auto log = bench.log();
    REQUIRE(log->co_sign(root(2)));
    REQUIRE(record_one(*log, urgent_event(3)));
    REQUIRE(log->close());
    const std::string note = *log->checkpoint();
    CHECK(custody::verify_checkpoint(note, log->vkey()).ok);
  }
  CHECK(bench.open(1));
  CHECK(bench.open(3).error() == Errc::tampered);
  auto next = bench.open(2);
  REQUIRE(next);
  REQUIRE(record_one(**next, urgent_event(4)));
  REQUIRE((*next)->close());
  CHECK(bench.open(1).error() == Errc::tampered);
}

TEST_CASE("many threads record, none is lost, each keeps its order", "[evidence]") {
  Bench bench;
  bench.options.buffered_entries = 32;
  constexpr unsigned threads = 4;
  constexpr unsigned each = 500;
  {
    auto log = bench.log();
    std::atomic<unsigned> failures{0};
    std::vector<std::thread> crowd;
    for (unsigned t = 0; t != threads; ++t) {
      crowd.emplace_back([&, t] {
        for (unsigned i = 0; i != each; ++i) {
          const Event event = i % 50 == 0 ? urgent_event(t * 1000 + i) : common_event(t * 1000 + i);
          if (!record_one(*log, event)) ++failures;
        }
      });
    }
    for (auto& one : crowd) one.join();
    CHECK(failures == 0);
    REQUIRE(log->close());
  }
  auto log = bench.log();
  std::vector<unsigned> seen(threads, 0);
  for (const Handle& who : subjects(*log)) {
    const unsigned n = std::to_integer<unsigned>(who.bytes[0]) + std::to_integer<unsigned>(who.bytes[1]) * 256;
    CHECK(n % 1000 == seen[n / 1000]++);
  }
  CHECK(seen == std::vector<unsigned>(threads, each));
  CHECK(bench.verdict().ok);
}

TEST_CASE("threads that write through failures lose nothing that was accepted", "[evidence]") {
  Bench bench;
  bench.options.kept_entries = 1'000'000;
  auto log = bench.log();
  std::atomic<unsigned> accepted{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> crowd;
  for (unsigned t = 0; t != 3; ++t) {
    crowd.emplace_back([&, t] {
      for (unsigned i = 0; i != 400; ++i) {
        if (record_one(*log, i % 3 == 0 ? urgent_event(t * 1000 + i) : common_event(t * 1000 + i))) ++accepted;
      }
    });
  }
  std::thread breaker([&] {
    for (unsigned i = 0; !stop; ++i) {
      const custody::Lock lock(bench.leaves.mutex);
      bench.leaves.fault = i % 2 == 0 ? Fault::write_half_then_fail : Fault::none;
    }
  });
  for (auto& one : crowd) one.join();
  stop = true;
  breaker.join();
  bench.leaves.fault = Fault::none;
  REQUIRE(log->flush());
  CHECK(log->size() == 1200);
  CHECK(log->absorbed() == 0);
  unsigned granted = 0;
  const auto entries = *log->entries(0, 2000);
  for (const auto& entry : entries) granted += entry.event().granted ? 1U : 0U;
  CHECK(entries.size() == 1200);
  CHECK(granted >= accepted);  // a failed write may have kept an entry whose caller was refused, never the reverse
  CHECK(log->verify());
}
