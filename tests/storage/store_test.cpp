// SPDX-License-Identifier: Apache-2.0
#include "stores.hpp"

#include <atomic>
#include <thread>

using namespace custody_test;

TEMPLATE_TEST_CASE("a row comes back as it was put", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  auto row = row_of(7, 1, {handle_of(1), handle_of(2)});
  row.conversation = handle_of(50);
  row.state = RowState::restricted;
  row.version = ~std::uint64_t{0};
  row.collected = {-5};
  row.expires = {INT64_MAX};
  row.cells.push_back({0xffff, CellKind::sealed, Bytes(100'000, std::byte{0xab})});
  REQUIRE(store.put_row(row));
  auto back = store.get_row(7, row.tag);
  REQUIRE(back);
  CHECK(same(*back, row));
  CHECK(store.get_row(8, row.tag).error() == Errc::not_found);
  CHECK(store.get_row(7, tag_of(2)).error() == Errc::not_found);

  StoredRow bare;  // nothing set, nobody's
  REQUIRE(store.put_row(bare));
  auto bare_back = store.get_row(0, RowTag{});
  REQUIRE(bare_back);
  CHECK(same(*bare_back, bare));
  CHECK(*store.row_count() == 2);
}

TEMPLATE_TEST_CASE("tags that share their first half are told apart", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  auto a = row_of(1, 1, {handle_of(1)}, "a");
  auto b = row_of(1, 1, {handle_of(1)}, "b");
  b.tag[12] ^= std::byte{1};
  REQUIRE(store.put_row(a));
  REQUIRE(store.put_row(b));
  CHECK(*store.row_count() == 2);
  CHECK(same(*store.get_row(1, a.tag), a));
  REQUIRE(store.remove_row(1, a.tag));
  CHECK(same(*store.get_row(1, b.tag), b));
}

TEMPLATE_TEST_CASE("a second put replaces the row, its owners and its date", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  auto row = row_of(1, 1, {handle_of(1), handle_of(2)});
  row.expires = {10};
  REQUIRE(store.put_row(row));
  row.owners = {handle_of(2), handle_of(3)};
  row.cells = {{5, CellKind::sealed, bytes_of("other")}};
  row.expires = {};
  REQUIRE(store.put_row(row));
  CHECK(same(*store.get_row(1, row.tag), row));
  CHECK(*store.row_count() == 1);
  CHECK(store.rows_of(handle_of(1), 0, 0, 10)->empty());
  CHECK(store.rows_of(handle_of(2), 0, 0, 10)->size() == 1);
  CHECK(store.rows_of(handle_of(3), 0, 0, 10)->size() == 1);
  CHECK(store.expired_rows({1000}, 10)->empty());
}

TEMPLATE_TEST_CASE("a person's rows come in the order of insertion, by page and by record", "[storage]", Memory,
                   Sqlite) {
  const TestType kind;
  auto store = kind.open();
  for (std::uint64_t n = 0; n != 20; ++n) REQUIRE(store.put_row(row_of(1 + n % 2, n, {handle_of(n % 4 < 2 ? 1 : 2)})));
  REQUIRE(store.put_row(row_of(1, 0, {handle_of(1)}, "changed")));  // an update keeps its place
  auto all = store.rows_of(handle_of(1), 0, 0, 100);
  REQUIRE(all);
  REQUIRE(all->size() == 10);
  CHECK((*all)[0].version == 0);
  CHECK((*all)[1].version == 1);
  CHECK((*all)[2].version == 4);
  auto of_two = store.rows_of(handle_of(1), 2, 1, 3);
  REQUIRE(of_two->size() == 3);
  CHECK((*of_two)[0].version == 5);
  CHECK(store.rows_of(handle_of(1), 0, 8, ~std::uint64_t{0})->size() == 2);
  CHECK(store.rows_of(handle_of(1), 0, ~std::uint64_t{0}, 5)->empty());
  CHECK(store.rows_of(handle_of(1), 0, 0, 0)->empty());
  CHECK(store.rows_of(handle_of(9), 0, 0, 10)->empty());
  CHECK(store.rows_of(Handle{}, 0, 0, 10)->empty());
}

TEMPLATE_TEST_CASE("removing a row takes it from every list", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  auto row = row_of(1, 1, {handle_of(1), handle_of(2)});
  row.expires = {5};
  REQUIRE(store.put_row(row));
  REQUIRE(store.remove_row(1, row.tag));
  CHECK(store.remove_row(1, row.tag).error() == Errc::not_found);
  CHECK(store.get_row(1, row.tag).error() == Errc::not_found);
  CHECK(store.rows_of(handle_of(1), 0, 0, 10)->empty());
  CHECK(store.rows_of(handle_of(2), 0, 0, 10)->empty());
  CHECK(store.expired_rows({9}, 10)->empty());
  REQUIRE(store.put_row(row));  // the same tag lives again, for both
  CHECK(store.rows_of(handle_of(1), 0, 0, 10)->size() == 1);
}

TEMPLATE_TEST_CASE("a leaver's own rows go, shared ones stay for the others", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  const Handle alice = handle_of(1), bob = handle_of(2);
  REQUIRE(store.put_row(row_of(1, 1, {alice})));
  REQUIRE(store.put_row(row_of(1, 2, {alice, bob})));
  REQUIRE(store.put_row(row_of(1, 3, {bob})));
  auto gone = store.remove_rows_of(alice);
  REQUIRE(gone);
  CHECK(*gone == 1);
  CHECK(store.rows_of(alice, 0, 0, 10)->empty());
  CHECK(store.get_row(1, tag_of(1)).error() == Errc::not_found);
  auto shared = store.get_row(1, tag_of(2));
  REQUIRE(shared);
  CHECK(shared->owners == std::vector<Handle>{alice, bob});  // what it was sealed under
  CHECK(store.rows_of(bob, 0, 0, 10)->size() == 2);

  shared->version = 99;
  REQUIRE(store.put_row(*shared));  // an update does not bring her back
  CHECK(store.rows_of(alice, 0, 0, 10)->empty());
  CHECK(*store.remove_rows_of(alice) == 0);
  CHECK(*store.remove_rows_of(bob) == 2);
  CHECK(*store.row_count() == 0);
  CHECK(*store.remove_rows_of(handle_of(9)) == 0);
}

TEMPLATE_TEST_CASE("expired rows come earliest first and none too early", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  for (std::uint64_t n = 0; n != 6; ++n) {
    auto row = row_of(1, n, {handle_of(1)});
    row.expires = {n == 0 ? 0 : static_cast<std::int64_t>(100 - n)};
    REQUIRE(store.put_row(row));
  }
  CHECK(store.expired_rows({94}, 10)->empty());
  auto due = store.expired_rows({97}, 10);
  REQUIRE(due->size() == 3);
  CHECK((*due)[0].version == 5);
  CHECK((*due)[2].version == 3);
  CHECK(store.expired_rows({97}, 2)->size() == 2);
  REQUIRE(store.set_expiry(1, tag_of(5), {}));
  REQUIRE(store.set_expiry(1, tag_of(0), {1}));
  auto later = store.expired_rows({97}, 10);
  REQUIRE(later->size() == 3);
  CHECK((*later)[0].version == 0);
  CHECK(store.set_expiry(1, tag_of(77), {1}).error() == Errc::not_found);
}

TEMPLATE_TEST_CASE("a row's state is set alone", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  auto row = row_of(1, 1, {handle_of(1)});
  REQUIRE(store.put_row(row));
  REQUIRE(store.set_state(1, row.tag, RowState::restricted));
  row.state = RowState::restricted;
  CHECK(same(*store.get_row(1, row.tag), row));
  CHECK(store.set_state(2, row.tag, RowState::active).error() == Errc::not_found);
}

TEMPLATE_TEST_CASE("a scan passes every row once, in pages", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  for (std::uint64_t n = 0; n != 25; ++n) REQUIRE(store.put_row(row_of(1, n, {handle_of(n)})));
  std::uint64_t after = 0, seen = 0;
  for (;;) {
    auto page = store.scan_rows(after, 10);
    REQUIRE(page);
    for (const StoredRow& row : *page) CHECK(row.version == seen++);
    if (page->size() < 10) break;
    REQUIRE(store.put_row((*page)[0]));  // rewriting on the way does not disturb it
  }
  CHECK(seen == 25);
}

TEMPLATE_TEST_CASE("a transaction is all or nothing", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  auto kept = row_of(1, 1, {handle_of(1)}, "before");
  REQUIRE(store.put_row(kept));
  LedgerRow line;
  line.subject = handle_of(1);
  const std::vector<LedgerRow> lines{line};
  const std::vector<Bytes> leaves{bytes_of("leaf")};

  REQUIRE(store.begin());
  auto changed = row_of(1, 1, {handle_of(2)}, "after");
  REQUIRE(store.put_row(changed));
  REQUIRE(store.put_row(row_of(1, 2, {handle_of(3)})));
  REQUIRE(store.put_row(row_of(1, 3, {handle_of(1)})));
  REQUIRE(store.remove_row(1, tag_of(3)));
  REQUIRE(store.leaf_store().append_leaves(0, leaves));
  REQUIRE(store.ledger_store().append_ledger(lines));
  CHECK(store.rows_of(handle_of(2), 0, 0, 9)->size() == 1);
  store.rollback();

  CHECK(same(*store.get_row(1, kept.tag), kept));
  CHECK(*store.row_count() == 1);
  CHECK(store.rows_of(handle_of(1), 0, 0, 9)->size() == 1);
  CHECK(store.rows_of(handle_of(2), 0, 0, 9)->empty());
  CHECK(*store.leaf_store().leaf_count() == 0);
  CHECK(store.ledger_store().ledger_of(handle_of(1))->empty());

  REQUIRE(store.begin());
  REQUIRE(store.put_row(row_of(1, 4, {handle_of(4)})));  // a new person, after one that was undone
  REQUIRE(store.put_row(row_of(1, 5, {handle_of(3)})));
  REQUIRE(store.commit());
  CHECK(store.get_row(1, tag_of(4))->owners.at(0) == handle_of(4));
  CHECK(store.get_row(1, tag_of(5))->owners.at(0) == handle_of(3));
  CHECK(store.rows_of(handle_of(3), 0, 0, 9)->size() == 1);
}

TEMPLATE_TEST_CASE("transactions nest", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  REQUIRE(store.begin());
  REQUIRE(store.begin());
  REQUIRE(store.put_row(row_of(1, 1, {handle_of(1)})));
  REQUIRE(store.commit());
  CHECK(store.remove_row(1, tag_of(9)).error() == Errc::not_found);  // a refusal harms nothing
  REQUIRE(store.commit());
  CHECK(*store.row_count() == 1);

  REQUIRE(store.begin());
  REQUIRE(store.begin());
  REQUIRE(store.put_row(row_of(1, 2, {handle_of(1)})));
  store.rollback();
  CHECK_FALSE(store.commit());  // what was undone inside cannot be half committed outside
  CHECK(*store.row_count() == 1);

  CHECK(store.commit().error() == Errc::storage_failed);  // none runs
  store.rollback();
  REQUIRE(store.put_row(row_of(1, 3, {handle_of(1)})));
}

TEMPLATE_TEST_CASE("leaves are appended in order, all or none", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  auto& leaves = store.leaf_store();
  CHECK(*leaves.leaf_count() == 0);
  const std::vector<Bytes> first{bytes_of("a"), bytes_of(""), bytes_of("c")};
  REQUIRE(leaves.append_leaves(0, first));
  CHECK(leaves.append_leaves(0, first).error() == Errc::already_there);
  CHECK(leaves.append_leaves(4, first).error() == Errc::already_there);
  REQUIRE(leaves.append_leaves(3, first));
  REQUIRE(leaves.append_leaves(6, {}));
  CHECK(*leaves.leaf_count() == 6);
  auto some = leaves.read_leaves(1, 3);
  REQUIRE(some);
  CHECK(*some == std::vector<Bytes>{bytes_of(""), bytes_of("c"), bytes_of("a")});
  CHECK(leaves.read_leaves(5, ~std::uint64_t{0})->size() == 1);
  CHECK(leaves.read_leaves(~std::uint64_t{0}, 2)->empty());
}

TEMPLATE_TEST_CASE("ledger lines come back whole and only one person's", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  auto& ledger = store.ledger_store();
  LedgerRow grant;
  grant.subject = handle_of(1);
  grant.purpose = "push.personalised";
  grant.form = ConsentForm::guardian;
  grant.notice = "2024-1";
  grant.notice_hash = bytes_of("hash");
  grant.categories = "phone,location";
  grant.age_band = 3;
  grant.guardian = handle_of(8);
  grant.at = {12345};
  grant.terms_hash = bytes_of("terms");
  grant.line = 1;
  grant.seal = bytes_of("seal");
  LedgerRow age;
  age.subject = handle_of(2);
  age.verb = LedgerVerb::age;
  LedgerRow lift = grant;
  lift.verb = LedgerVerb::lift_restriction;
  lift.at = {-1};
  lift.line = ~std::uint64_t{0};
  const std::vector<LedgerRow> rows{grant, age, lift};
  REQUIRE(ledger.append_ledger(rows));
  auto mine = ledger.ledger_of(handle_of(1));
  REQUIRE(mine);
  REQUIRE(mine->size() == 2);
  const LedgerRow& back = (*mine)[0];
  CHECK(back.subject == grant.subject);
  CHECK(back.verb == grant.verb);
  CHECK(back.purpose == grant.purpose);
  CHECK(back.form == grant.form);
  CHECK(back.notice == grant.notice);
  CHECK(back.notice_hash == grant.notice_hash);
  CHECK(back.categories == grant.categories);
  CHECK(back.age_band == grant.age_band);
  CHECK(back.guardian == grant.guardian);
  CHECK(back.at == grant.at);
  CHECK(back.terms_hash == grant.terms_hash);
  CHECK(back.line == grant.line);
  CHECK(back.seal == grant.seal);
  CHECK((*mine)[1].line == lift.line);
  CHECK((*mine)[1].at == lift.at);
  CHECK((*mine)[1].verb == LedgerVerb::lift_restriction);
  CHECK(ledger.ledger_of(handle_of(3))->empty());

  grant.line = 2;
  const std::vector<LedgerRow> clash{grant, lift};
  CHECK(ledger.append_ledger(clash).error() == Errc::already_there);
  CHECK(ledger.ledger_of(handle_of(1))->size() == 2);  // all or none
}

TEMPLATE_TEST_CASE("wrapped keys, holders and generations", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  KeyStore& keys = store.key_store();
  const Handle talk = handle_of(9), alice = handle_of(1), bob = handle_of(2);
  CHECK(*keys.newest_generation(talk) == 0);
  REQUIRE(keys.put_key(key_of(talk, bob, 1, "wrap b")));
  REQUIRE(keys.put_key(key_of(talk, alice, 1, "wrap a")));
  REQUIRE(keys.put_key(key_of(talk, alice, 2, "wrap a2")));
  CHECK(keys.put_key(key_of(talk, alice, 2, "again")).error() == Errc::already_there);
  auto back = keys.get_key(talk, alice, 1);
  REQUIRE(back);
  CHECK(back->wrapped == bytes_of("wrap a"));
  CHECK(back->created == Instant{77});
  CHECK(back->fingerprint[31] == std::byte{9});
  CHECK(back->handle == talk);
  CHECK(back->holder == alice);
  CHECK(back->generation == 1);
  CHECK(keys.get_key(talk, alice, 3).error() == Errc::unknown_key);
  CHECK(*keys.newest_generation(talk) == 2);
  CHECK(*keys.holders(talk, 1) == std::vector<Handle>{alice, bob});

  REQUIRE(keys.drop_wrap(talk, alice));
  REQUIRE(keys.drop_wrap(talk, alice));
  CHECK(keys.get_key(talk, alice, 2).error() == Errc::unknown_key);
  CHECK(*keys.newest_generation(talk) == 2);  // never used again
  CHECK(*keys.holders(talk, 1) == std::vector<Handle>{bob});
  REQUIRE(keys.put_key(key_of(talk, alice, 3, "wrap a")));  // a freed place is used again
  CHECK(keys.get_key(talk, alice, 3)->wrapped == bytes_of("wrap a"));
  CHECK(keys.get_key(talk, bob, 1)->wrapped == bytes_of("wrap b"));
}

TEMPLATE_TEST_CASE("what is destroyed stays destroyed, and only that", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  KeyStore& keys = store.key_store();
  const Handle talk = handle_of(9), alice = handle_of(1), bob = handle_of(2);
  for (const Handle& who : {alice, bob}) {
    REQUIRE(keys.put_key(key_of(who, {}, 1, "own")));
    REQUIRE(keys.put_key(key_of(talk, who, 1, "talk")));
    REQUIRE(keys.put_index({3, IndexValue{std::byte{5}}, who, who.bytes}));
    REQUIRE(keys.put_index({3, IndexValue{std::byte{5}}, who, who.bytes}));
    REQUIRE(keys.reserve(who, 1, 10, 100));
    REQUIRE(keys.raise_epoch(who));
  }
  REQUIRE(keys.destroy(alice, {1}));
  REQUIRE(keys.destroy(alice, {2}));
  CHECK(*keys.destroyed(alice));
  CHECK_FALSE(*keys.destroyed(bob));
  CHECK_FALSE(*keys.destroyed(Handle{}));
  CHECK(keys.get_key(alice, {}, 1).error() == Errc::destroyed);
  CHECK(keys.get_key(talk, alice, 1).error() == Errc::destroyed);
  CHECK(keys.put_key(key_of(alice, {}, 2, "new")).error() == Errc::destroyed);
  CHECK(keys.put_key(key_of(talk, alice, 2, "new")).error() == Errc::destroyed);
  CHECK(keys.put_index({3, IndexValue{std::byte{5}}, alice, {}}).error() == Errc::destroyed);
  CHECK(keys.newest_generation(alice).error() == Errc::destroyed);
  CHECK(keys.holders(alice, 1).error() == Errc::destroyed);
  CHECK(keys.reserve(alice, 1, 1, 100).error() == Errc::destroyed);
  CHECK(keys.raise_epoch(alice).error() == Errc::destroyed);
  CHECK(keys.epoch(alice).error() == Errc::destroyed);
  CHECK(*keys.holders(talk, 1) == std::vector<Handle>{bob});
  auto left = keys.find_index(3, IndexValue{std::byte{5}});
  REQUIRE(left->size() == 1);
  CHECK((*left)[0].subject == bob);
  CHECK(keys.index_rows_of(alice)->empty());
  CHECK(keys.get_key(bob, {}, 1)->wrapped == bytes_of("own"));
  CHECK(keys.get_key(talk, bob, 1)->wrapped == bytes_of("talk"));
  CHECK(*keys.epoch(bob) == 1);
  REQUIRE(keys.destroy(handle_of(77), {3}));  // from the erasure list of a backup: never seen here
  std::vector<Handle> list{handle_of(5)};
  REQUIRE(keys.tombstones(list));
  CHECK(list == std::vector<Handle>{handle_of(5), alice, handle_of(77)});
}

TEMPLATE_TEST_CASE("index rows, facts, budgets and epochs", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  KeyStore& keys = store.key_store();
  const IndexValue value{std::byte{1}};
  IndexValue high{};
  high.fill(std::byte{0xff});
  const std::array<std::byte, 16> one{std::byte{1}}, two{std::byte{2}};
  const IndexRow a{1, value, handle_of(1), one}, b{1, value, handle_of(2), two}, c{256, high, handle_of(1), two};
  for (const IndexRow& row : {b, a, c}) REQUIRE(keys.put_index(row));
  CHECK(*keys.find_index(1, value) == std::vector<IndexRow>{a, b});
  CHECK(keys.find_index(2, value)->empty());
  CHECK(*keys.find_index(256, high) == std::vector<IndexRow>{c});
  CHECK(*keys.index_rows_of(handle_of(1)) == std::vector<IndexRow>{a, c});
  REQUIRE(keys.drop_index(1, value, one));
  REQUIRE(keys.drop_index(1, value, one));
  CHECK(*keys.find_index(1, value) == std::vector<IndexRow>{b});
  CHECK(*keys.index_rows_of(handle_of(1)) == std::vector<IndexRow>{c});

  CHECK(keys.get_fact("head").error() == Errc::not_found);
  REQUIRE(keys.put_fact("head", bytes_of("one")));
  REQUIRE(keys.put_fact("head", bytes_of("second")));
  REQUIRE(keys.put_fact("", {}));
  CHECK(*keys.get_fact("head") == bytes_of("second"));
  CHECK(keys.get_fact("")->empty());

  CHECK(*keys.reserve(handle_of(1), 1, 60, 100) == 0);
  CHECK(keys.reserve(handle_of(1), 1, 41, 100).error() == Errc::budget_exhausted);
  CHECK(*keys.reserve(handle_of(1), 1, 40, 100) == 60);
  CHECK(*keys.reserve(handle_of(1), 2, 1, 100) == 0);
  CHECK(keys.reserve(handle_of(1), 1, ~std::uint64_t{0}, ~std::uint64_t{0}).error() == Errc::budget_exhausted);

  CHECK(*keys.epoch(handle_of(1)) == 0);
  CHECK(*keys.raise_epoch(handle_of(1)) == 1);
  CHECK(*keys.raise_epoch(handle_of(1)) == 2);
  CHECK(*keys.epoch(handle_of(1)) == 2);
  REQUIRE(keys.begin());
  REQUIRE(keys.raise_epoch(handle_of(1)));
  REQUIRE(keys.commit());
  REQUIRE(keys.flush());
  CHECK(*keys.epoch(handle_of(1)) == 3);
}

TEMPLATE_TEST_CASE("threads share a store", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto store = kind.open();
  std::atomic<int> failures{0};
  const auto work = [&](std::uint64_t base) {
    for (std::uint64_t n = 0; n != 60; ++n) {
      const bool grouped = n % 3 == 0;
      if (grouped && !store.begin()) ++failures;
      if (!store.put_row(row_of(1, base + n, {handle_of(base), handle_of(1)}))) ++failures;
      if (!store.get_row(1, tag_of(base + n))) ++failures;
      if (grouped && n % 2 == 0) {
        store.rollback();
        if (!store.put_row(row_of(1, base + n, {handle_of(base), handle_of(1)}))) ++failures;
      } else if (grouped && !store.commit()) {
        ++failures;
      }
      if (!store.key_store().raise_epoch(handle_of(1))) ++failures;
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t t = 1; t != 5; ++t) threads.emplace_back(work, t * 1000);
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(*store.row_count() == 240);
  CHECK(store.rows_of(handle_of(1), 1, 0, 1000)->size() == 240);
  CHECK(store.rows_of(handle_of(2000), 1, 0, 1000)->size() == 60);
  CHECK(*store.key_store().epoch(handle_of(1)) == 240);
}

TEMPLATE_TEST_CASE("references outlive a move of the store", "[storage]", Memory, Sqlite) {
  const TestType kind;
  auto first = kind.open();
  KeyStore& keys = first.key_store();
  LeafStore& leaves = first.leaf_store();
  LedgerStore& ledger = first.ledger_store();
  auto second = std::move(first);
  CHECK(&second.key_store() == &keys);
  CHECK(&second.leaf_store() == &leaves);
  CHECK(&second.ledger_store() == &ledger);
  REQUIRE(keys.put_fact("a", bytes_of("b")));
  CHECK(*leaves.leaf_count() == 0);
}
