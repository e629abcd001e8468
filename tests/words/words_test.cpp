// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"

#include <string>
#include <thread>
#include <vector>

#include <custody/words/atomic.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/ref.hpp>
#include <custody/words/result.hpp>

using custody::Bytes;
using custody::Errc;
using custody::Result;

TEST_CASE("canonical bytes keep parts apart") {
  Bytes first;
  custody::Canonical(first).part("ab").part("c");
  Bytes second;
  custody::Canonical(second).part("a").part("bc");
  CHECK(first != second);
  CHECK(first.size() == second.size());

  Bytes numbers;
  custody::Canonical(numbers).number(std::uint16_t{0x0102}).number(std::uint32_t{0x03040506});
  const unsigned char expected[] = {2, 1, 6, 5, 4, 3};
  REQUIRE(numbers.size() == sizeof expected);
  for (std::size_t i = 0; i != numbers.size(); ++i) CHECK(std::to_integer<unsigned>(numbers[i]) == expected[i]);
}

TEST_CASE("a reader never reads past its input") {
  Bytes bytes;
  custody::Canonical(bytes).number(std::uint32_t{0xFFFFFFFF});  // a length with nothing behind it
  custody::CanonicalReader reader(bytes);
  CHECK(reader.part().empty());
  CHECK_FALSE(reader.ok());
  CHECK(reader.number<std::uint8_t>() == 0);  // stays failed
  CHECK_FALSE(reader.at_end());
}

TEST_CASE("wiping a text also wipes what lies beyond its length") {
  std::string text(100, 's');
  const char* const memory = text.data();
  text.resize(3);
  custody::wipe(text);
  CHECK(text.empty());
  for (std::size_t i = 0; i != 100; ++i) REQUIRE(memory[i] == 0);
}

TEST_CASE("a wiped buffer moves without a copy") {
  custody::WipedBytes buffer(16);
  const std::byte* const memory = buffer.data();
  custody::WipedBytes other = std::move(buffer);
  CHECK(other.data() == memory);
  CHECK(buffer.size() == 0);  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("results hold one of two things") {
  Result<std::string> good(std::string("value"));
  REQUIRE(good);
  Result<std::string> copy = good;
  CHECK(*copy == "value");
  Result<std::string> bad(Errc::not_found);
  CHECK_FALSE(bad);
  CHECK(bad.error() == Errc::not_found);
  copy = bad;
  CHECK_FALSE(copy.has_value());
  bad = Result<std::string>(std::string("again"));
  CHECK(*bad == "again");
  CHECK(Result<void>().has_value());
}

TEST_CASE("every code has its sentence") {
  for (unsigned code = 0; code <= static_cast<unsigned>(Errc::rolled_back); ++code) {
    CHECK(std::string(custody::text(static_cast<Errc>(code))) != "unknown error");
  }
}

TEST_CASE("the manual clock stands until it is moved") {
  custody::ManualClock clock({1000});
  CHECK(clock.now().ms == 1000);
  clock.advance(custody::seconds(2));
  CHECK(clock.now().ms == 3000);
  CHECK(custody::SystemClock().now().ms > 1'600'000'000'000);
}

TEST_CASE("a shared handle counts and an atomic waits") {
  struct Thing : custody::detail::Counted {
    explicit Thing(bool& gone) : gone_(gone) {}
    ~Thing() { gone_ = true; }
    bool& gone_;
  };
  bool gone = false;
  {
    auto one = custody::detail::Ref<Thing>::adopt(new Thing(gone));
    auto two = one;
    one = {};
    CHECK_FALSE(gone);
    CHECK(two);
  }
  CHECK(gone);

  custody::Atomic<std::uint32_t> busy{1};
  std::thread other([&] {
    busy.store(0);
    busy.notify_all();
  });
  for (std::uint32_t now = busy.load(); now != 0; now = busy.load()) busy.wait(now);
  other.join();
  CHECK(busy.load() == 0);
  std::uint32_t expected = 5;
  CHECK_FALSE(busy.compare_exchange_strong(expected, 7));
  CHECK(expected == 0);
}
