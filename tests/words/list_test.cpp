// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <random>
#include <ranges>
#include <span>
#include <string>
#include <vector>

#include <custody/words/bytes.hpp>
#include <custody/words/list.hpp>
#include <custody/words/ordered.hpp>

using custody::Bytes;
using custody::ByteSpan;
using custody::ByteView;
using custody::detail::List;
using custody::detail::Ordered;

namespace {

std::size_t length_of(ByteView view) { return view.size(); }

}  // namespace

static_assert(std::is_convertible_v<Bytes, ByteView> && std::is_convertible_v<const Bytes&, ByteView>);
static_assert(std::is_convertible_v<std::array<std::byte, 4>, ByteView>);
static_assert(std::is_convertible_v<std::span<std::byte>, ByteView>);
static_assert(std::is_convertible_v<ByteSpan, ByteView> && !std::is_convertible_v<ByteView, ByteSpan>);
static_assert(std::is_convertible_v<ByteView, std::span<const std::byte>>);
static_assert(std::is_convertible_v<ByteSpan, std::span<std::byte>>);
static_assert(std::is_convertible_v<const ByteView&, std::span<const std::byte>>);
static_assert(std::is_convertible_v<const ByteSpan&, std::span<std::byte>>);
static_assert(std::is_convertible_v<std::span<std::byte>, ByteSpan> && std::ranges::borrowed_range<ByteView>);
static_assert(!std::is_convertible_v<ByteView, std::span<std::byte>>);
static_assert(!std::is_convertible_v<custody::WipedBytes&, ByteView>, "plaintext is named: .view()");
static_assert(!std::is_constructible_v<ByteSpan, const Bytes&>, "bytes that are const are not written to");
static_assert(!std::is_constructible_v<ByteSpan, Bytes>, "a view of a temporary dangles");
static_assert(!std::is_constructible_v<ByteView, std::string>, "text becomes bytes by as_bytes only");
static_assert(!std::is_constructible_v<ByteView, std::vector<int>>);
static_assert(std::is_nothrow_move_constructible_v<List<std::string>>);

TEST_CASE("views look at bytes wherever they stand") {
  Bytes bytes{std::byte{1}, std::byte{2}, std::byte{3}};
  const ByteView view = bytes;
  CHECK(view.data() == bytes.data());
  CHECK(view.subspan(1).size() == 2);
  CHECK(view.subspan(1, 1).front() == std::byte{2});
  CHECK(view.first(2).back() == std::byte{2});
  CHECK(view.last(1).front() == std::byte{3});
  const std::byte plain[2]{};
  CHECK(length_of(plain) == 2);
  CHECK(length_of(std::span<const std::byte, 2>(plain)) == 2);
  const ByteSpan writable = bytes;
  writable[0] = std::byte{9};
  CHECK(bytes[0] == std::byte{9});
  CHECK(ByteView().empty());
}

TEST_CASE("a list copies, moves, grows and drops what it holds") {
  List<std::shared_ptr<int>> list;
  const auto counted = std::make_shared<int>(7);
  for (int i = 0; i != 100; ++i) list.push_back(counted);
  CHECK(counted.use_count() == 101);
  {
    const List<std::shared_ptr<int>> copy = list;
    CHECK(copy.size() == 100);
    CHECK(counted.use_count() == 201);
    List<std::shared_ptr<int>> assigned;
    assigned.push_back(counted);
    assigned = copy;
    CHECK(counted.use_count() == 301);
  }
  CHECK(counted.use_count() == 101);
  list.shorten(40);
  CHECK(counted.use_count() == 41);
  List<std::shared_ptr<int>> moved = std::move(list);
  CHECK(moved.size() == 40);
  CHECK(list.empty());  // NOLINT(bugprone-use-after-move): moved-from lists are empty
  moved.push_back(moved.front());  // an element of its own, also when it has to grow
  CHECK(*moved[40] == 7);
  moved = List<std::shared_ptr<int>>(counted);
  CHECK(counted.use_count() == 2);
}

TEST_CASE("a list whose copy fails half way leaves nothing behind") {
  struct Fragile {
    std::shared_ptr<int> counted;
    bool breaks = false;
    Fragile(std::shared_ptr<int> c, bool b) : counted(std::move(c)), breaks(b) {}
    Fragile(const Fragile& other) : counted(other.counted), breaks(other.breaks) {
      if (breaks) throw std::bad_alloc();
    }
    Fragile(Fragile&&) noexcept = default;
    Fragile& operator=(const Fragile&) = delete;
    Fragile& operator=(Fragile&&) = delete;
    ~Fragile() = default;
  };
  const auto counted = std::make_shared<int>(7);
  List<Fragile> list;
  for (int i = 0; i != 9; ++i) list.push_back(Fragile(counted, i == 8));
  CHECK_THROWS_AS(List<Fragile>(list), std::bad_alloc);
  CHECK(counted.use_count() == 10);
}

TEST_CASE("an ordered table does what std::map does") {
  std::mt19937 random(20260101);  // NOLINT(cert-msc51-cpp): the same run every time
  for (const std::uint32_t spread : {40U, 700U, 100'000U}) {
    Ordered<std::uint32_t, std::string> table;
    std::map<std::uint32_t, std::string> model;
    for (int step = 0; step != 20'000; ++step) {
      const auto key = static_cast<std::uint32_t>(random() % spread);
      const std::string value = std::to_string(step) + " and long enough for the heap";
      switch (random() % 6) {
        case 0:
        case 1: CHECK(table.insert(key, value)->second == model.emplace(key, value).first->second); break;
        case 2:
          table.insert_or_assign(key, value);
          model.insert_or_assign(key, value);
          break;
        case 3:
          table.erase(key);
          model.erase(key);
          break;
        case 4: {
          auto at = table.lower_bound(key);
          auto same = model.lower_bound(key);
          if (same == model.end()) {
            CHECK(at == table.end());
            break;
          }
          at = table.erase(at);
          same = model.erase(same);
          if ((same == model.end()) != (at == table.end())) FAIL("one ends before the other");
          if (same != model.end()) CHECK(at->first == same->first);
          break;
        }
        default:
          if (table.contains(key) != (model.count(key) != 0)) FAIL("a key is in only one of them");
          break;
      }
      if (table.size() != model.size()) FAIL("sizes differ");
    }
    auto same = model.begin();
    bool equal = true;
    for (const auto& [key, value] : table) {
      equal = equal && key == same->first && value == same->second;
      ++same;
    }
    CHECK(equal);
    CHECK(same == model.end());
    Ordered<std::uint32_t, std::string> moved = std::move(table);
    CHECK(moved.size() == model.size());
    CHECK(table.empty());  // NOLINT(bugprone-use-after-move)
    moved.clear();
    CHECK(moved.begin() == moved.end());
  }
}

TEST_CASE("keys that come in order, forward or backward, are all found") {
  Ordered<std::uint32_t> up;
  Ordered<std::uint32_t> down;
  constexpr std::uint32_t count = 1000;
  for (std::uint32_t i = 0; i != count; ++i) {
    up.insert(i);
    down.insert(count - 1 - i);
  }
  std::uint32_t expected = 0;
  for (const auto& entry : up) CHECK(entry.first == expected++);
  expected = 0;
  for (const auto& entry : down) CHECK(entry.first == expected++);
}

TEST_CASE("what leaves an ordered table is overwritten") {
  struct Secret {
    std::uint64_t word = 0;
  };
  Ordered<std::uint32_t, Secret> table;
  table.insert(1, {0x1122334455667788});
  table.insert(2, {0x1122334455667788});
  const auto last = table.find(2U);
  const std::uint64_t* const place = &last->second.word;
  table.erase(1);
  CHECK(*place == 0);

  Ordered<std::uint32_t, Secret> full;
  for (std::uint32_t i = 0; i != 64; ++i) full.insert(i * 2, {0x1122334455667788});
  const std::uint64_t* const moved = &full.find(100U)->second.word;
  full.insert(1, {0x1122334455667788});  // splits the block
  CHECK(*moved == 0);
}
