// SPDX-License-Identifier: Apache-2.0
// What every key store promises, tried on each.
#include <custody/keys/key_store.hpp>
#include <custody/keys/memory_key_store.hpp>

#include <thread>

#include "custody_catch.hpp"
#include "keys/files.hpp"

using namespace custody;
using test::handle;
using test::index_row;
using test::wrapped;

namespace {

struct InMemory {
  MemoryKeyStore store;
};
struct InFile {
  test::Folder folder;
  KeyFile store = std::move(*KeyFile::open(folder / "keys", test::root_of(1)));
};

}  // namespace

TEMPLATE_TEST_CASE("keys are put once and got back", "[key_store]", InMemory, InFile) {
  TestType place;
  KeyStore& store = place.store;
  const auto key = wrapped(handle(1), {}, 1, 11);
  REQUIRE(store.put_key(key));
  CHECK(store.put_key(key).error() == Errc::already_there);
  CHECK(test::same(*store.get_key(handle(1), {}, 1), key));
  CHECK(store.get_key(handle(1), {}, 2).error() == Errc::unknown_key);
  CHECK(store.get_key(handle(2), {}, 1).error() == Errc::unknown_key);
  CHECK(store.get_key(handle(1), handle(2), 1).error() == Errc::unknown_key);
  REQUIRE(store.put_key(wrapped(handle(1), {}, 7, 12)));
  REQUIRE(store.put_key(wrapped(handle(1), {}, 3, 13)));
  CHECK(*store.newest_generation(handle(1)) == 7);
  CHECK(*store.newest_generation(handle(2)) == 0);
}

TEMPLATE_TEST_CASE("a conversation's key has holders, and a leaver loses every generation", "[key_store]", InMemory,
                   InFile) {
  TestType place;
  KeyStore& store = place.store;
  for (const std::uint32_t generation : {1U, 2U}) {
    REQUIRE(store.put_key(wrapped(handle(9), handle(2), generation, 20 + generation)));
    REQUIRE(store.put_key(wrapped(handle(9), handle(1), generation, 30 + generation)));
  }
  CHECK(*store.holders(handle(9), 1) == std::vector<Handle>{handle(1), handle(2)});
  REQUIRE(store.drop_wrap(handle(9), handle(2)));
  REQUIRE(store.drop_wrap(handle(9), handle(2)));
  CHECK(*store.holders(handle(9), 1) == std::vector<Handle>{handle(1)});
  CHECK(store.get_key(handle(9), handle(2), 1).error() == Errc::unknown_key);
  CHECK(store.get_key(handle(9), handle(2), 2).error() == Errc::unknown_key);
  CHECK(store.get_key(handle(9), handle(1), 2));
  REQUIRE(store.drop_wrap(handle(9), handle(1)));
  CHECK(*store.newest_generation(handle(9)) == 2);  // a number is never used for a second key
  REQUIRE(store.put_key(wrapped(handle(9), handle(2), 3, 40)));
  CHECK(store.get_key(handle(9), handle(2), 3));
}

TEMPLATE_TEST_CASE("a destroyed person has no keys, wraps, rows or counters, ever again", "[key_store]", InMemory,
                   InFile) {
  TestType place;
  KeyStore& store = place.store;
  REQUIRE(store.put_key(wrapped(handle(1), {}, 1, 11)));
  REQUIRE(store.put_key(wrapped(handle(9), handle(1), 1, 12)));
  REQUIRE(store.put_key(wrapped(handle(9), handle(2), 1, 13)));
  REQUIRE(store.put_index(index_row(handle(1), 5, 1)));
  REQUIRE(store.put_index(index_row(handle(2), 5, 2)));
  REQUIRE(store.reserve(handle(1), 1, 10, 100));
  REQUIRE(store.raise_epoch(handle(1)));
  CHECK_FALSE(*store.destroyed(handle(1)));
  REQUIRE(store.destroy(handle(1), {5}));
  REQUIRE(store.destroy(handle(1), {6}));
  CHECK(*store.destroyed(handle(1)));
  CHECK(store.get_key(handle(1), {}, 1).error() == Errc::destroyed);
  CHECK(store.get_key(handle(9), handle(1), 1).error() == Errc::destroyed);
  CHECK(store.get_key(handle(9), handle(2), 1));
  CHECK(*store.holders(handle(9), 1) == std::vector<Handle>{handle(2)});
  CHECK(store.put_key(wrapped(handle(1), {}, 2, 14)).error() == Errc::destroyed);
  CHECK(store.put_key(wrapped(handle(9), handle(1), 2, 14)).error() == Errc::destroyed);
  CHECK(store.newest_generation(handle(1)).error() == Errc::destroyed);
  CHECK(store.holders(handle(1), 1).error() == Errc::destroyed);
  CHECK(store.find_index(5, index_row(handle(1), 5, 1).value)->empty());
  CHECK(store.index_rows_of(handle(1))->empty());
  CHECK(store.index_rows_of(handle(2))->size() == 1);
  CHECK(store.put_index(index_row(handle(1), 5, 3)).error() == Errc::destroyed);
  CHECK(store.reserve(handle(1), 1, 1, 100).error() == Errc::destroyed);
  CHECK(store.raise_epoch(handle(1)).error() == Errc::destroyed);
  CHECK(store.epoch(handle(1)).error() == Errc::destroyed);
  std::vector<Handle> gone;
  REQUIRE(store.tombstones(gone));
  CHECK(gone == std::vector<Handle>{handle(1)});
  REQUIRE(store.destroy(handle(77), {7}));  // of whom nothing is known: still never again
  CHECK(store.put_key(wrapped(handle(77), {}, 1, 15)).error() == Errc::destroyed);
}

TEST_CASE("the table forgets a destroyed person's counters and wipes what it held", "[key_table]") {
  detail::KeyTable table;
  detail::List<detail::Place> freed;
  table.put(wrapped(handle(1), {}, 1, 11), {16, 1});
  table.put(wrapped(handle(9), handle(1), 1, 12), {32, 2});
  table.put(wrapped(handle(9), handle(2), 1, 13), {48, 3});
  table.put_row(index_row(handle(1), 5, 1), {64, 4});
  table.set_count({handle(1), 1}, 7);
  table.set_count({handle(1), ~std::uint32_t{0}}, 7);
  table.set_count({handle(2), 1}, 7);
  table.set_epoch(handle(1), 3);
  table.destroy(handle(1), {5}, freed);
  CHECK(table.counts().size() == 1);
  CHECK(table.epochs().empty());
  CHECK(table.keys().size() == 1);
  CHECK(table.generations().size() == 1);
  CHECK(table.all_rows().empty());
  CHECK(freed.size() == 3);
}

TEMPLATE_TEST_CASE("index rows are found by value and by person", "[key_store]", InMemory, InFile) {
  TestType place;
  KeyStore& store = place.store;
  const auto a = index_row(handle(1), 5, 1);
  auto b = index_row(handle(2), 5, 1);  // the same value and row key of another person
  auto c = a;
  c.row[0] ^= std::byte{1};
  for (const IndexRow& row : {a, b, c, a}) REQUIRE(store.put_index(row));
  CHECK(store.find_index(5, a.value)->size() == 3);
  CHECK(store.find_index(6, a.value)->empty());
  CHECK(store.index_rows_of(handle(1))->size() == 2);
  REQUIRE(store.drop_index(5, a.value, a.row));
  REQUIRE(store.drop_index(5, a.value, a.row));
  CHECK(*store.find_index(5, a.value) == std::vector<IndexRow>{c});
  REQUIRE(store.put_index(a));
  CHECK(store.find_index(5, a.value)->size() == 2);
}

TEMPLATE_TEST_CASE("facts, budgets and epochs", "[key_store]", InMemory, InFile) {
  TestType place;
  KeyStore& store = place.store;
  CHECK(store.get_fact("head").error() == Errc::not_found);
  REQUIRE(store.put_fact("head", test::pattern(10)));
  REQUIRE(store.put_fact("head", test::pattern(20)));
  REQUIRE(store.put_fact("empty", {}));
  CHECK(*store.get_fact("head") == test::pattern(20));
  CHECK(store.get_fact("empty")->empty());
  CHECK(*store.reserve(handle(1), 1, 40, 100) == 0);
  CHECK(*store.reserve(handle(1), 1, 60, 100) == 40);
  CHECK(store.reserve(handle(1), 1, 1, 100).error() == Errc::budget_exhausted);
  CHECK(*store.reserve(handle(1), 1, 0, 100) == 100);
  CHECK(*store.reserve(handle(1), 2, 100, 100) == 0);
  CHECK(store.reserve(handle(1), 3, ~std::uint64_t{0}, 100).error() == Errc::budget_exhausted);
  CHECK(store.reserve(handle(1), 1, ~std::uint64_t{0}, ~std::uint64_t{0}).error() == Errc::budget_exhausted);
  CHECK(*store.epoch(handle(1)) == 0);
  CHECK(*store.raise_epoch(handle(1)) == 1);
  CHECK(*store.raise_epoch(handle(1)) == 2);
  CHECK(*store.epoch(handle(1)) == 2);
}

TEMPLATE_TEST_CASE("threads use one store together", "[key_store]", InMemory, InFile) {
  TestType place;
  KeyStore& store = place.store;
  REQUIRE(store.begin());
  std::vector<std::thread> running;
  for (unsigned t = 1; t != 5; ++t) {
    running.emplace_back([&store, t] {
      for (std::uint32_t i = 1; i != 50; ++i) {
        static_cast<void>(store.put_key(wrapped(handle(static_cast<unsigned char>(t)), {}, i, t * 100 + i)));
        static_cast<void>(store.reserve(handle(50), 1, 1, 1000));
        static_cast<void>(store.get_key(handle(1), {}, i));
      }
    });
  }
  for (auto& thread : running) thread.join();
  REQUIRE(store.commit());
  CHECK(*store.reserve(handle(50), 1, 0, 1000) == 4 * 49);
  for (unsigned char t = 1; t != 5; ++t) CHECK(*store.newest_generation(handle(t)) == 49);
}
