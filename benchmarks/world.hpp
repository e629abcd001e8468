// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <custody/crypto/normalise.hpp>
#include <custody/data/group.hpp>
#include <custody/sealing.hpp>

#include <benchmark/benchmark.h>

#include <optional>
#include <span>
#include <string>
#include <utility>

/// A product without a store: the log takes no entries and every consent stands, so that lines show custody's own cost.
namespace bench {

struct AccountService final : custody::Purpose<"account.service", custody::Basis::contract, custody::core> {};
using Product = custody::Product<"bench", custody::Region::CN, AccountService>;
using Field = custody::Personal<std::string, AccountService>;
using Kept = custody::Retained<custody::account_life, custody::erase_within<custody::working_days(15)>>;

struct Row : Kept {
  custody::Public<std::string> uid;
  Field text;
  using custody_fields = custody::Fields<custody::record<"row", 1>, custody::key<&Row::uid>, custody::owner<&Row::uid>,
                                         custody::field<1, "text", &Row::text, custody::Category::nickname>>;
};

/// Five guarded fields of one person.
struct Person : Kept {
  custody::Public<std::string> uid;
  Field nickname, bio, email, phone, address;
  using custody_fields = custody::Fields<
      custody::record<"person", 2>, custody::key<&Person::uid>, custody::owner<&Person::uid>,
      custody::field<1, "nickname", &Person::nickname, custody::Category::nickname>,
      custody::field<2, "bio", &Person::bio, custody::Category::bio>,
      custody::field<3, "email", &Person::email, custody::Category::email>,
      custody::field<4, "phone", &Person::phone, custody::Category::phone, custody::indexed<custody::phone_e164>>,
      custody::field<5, "address", &Person::address, custody::Category::address>>;
};

/// The same five, sealed together.
struct Together : Kept {
  custody::Public<std::string> uid;
  Field nickname, bio, email, phone, address;
  using custody_fields =
      custody::Fields<custody::record<"together", 3>, custody::key<&Together::uid>, custody::owner<&Together::uid>,
                      custody::field<1, "nickname", &Together::nickname, custody::Category::nickname>,
                      custody::field<2, "bio", &Together::bio, custody::Category::bio>,
                      custody::field<3, "email", &Together::email, custody::Category::email>,
                      custody::field<4, "phone", &Together::phone, custody::Category::phone>,
                      custody::field<5, "address", &Together::address, custody::Category::address>,
                      custody::sealed_together<&Together::nickname, &Together::bio, &Together::email, &Together::phone,
                                               &Together::address>>;
};

class Always final : public custody::Authority {
 public:
  custody::Result<void> decide(const custody::Question&) noexcept override { return {}; }
};
class Nowhere final : public custody::Witness {
 public:
  custody::Result<void> record(std::span<const custody::Event> events) noexcept override {
    benchmark::DoNotOptimize(events.data());
    return {};
  }
};
inline constexpr auto api = custody::role<"api", custody::RoleKind::service, custody::Level::grade3, AccountService>;

[[nodiscard]] inline custody::RootKey root_key() {
  const std::string bytes(32, 'k');
  return std::move(*custody::RootKey::from_bytes(custody::as_bytes(bytes)));
}

/// One person, one row and one permit under a suite. What cannot be made ends the program.
template <class Suite>
struct World {
  custody::SystemClock clock;
  custody::MemoryKeyStore keys;
  Always authority;
  Nowhere witness;
  custody::RootKey root = root_key();
  custody::KeyRing<Product, Suite> ring;
  custody::Subject subject;
  custody::Binding row, person, together;
  custody::Permit<AccountService> permit;

  World()
      : ring(std::move(*custody::KeyRing<Product, Suite>::open(keys, root, witness, authority, clock))),
        subject(*ring.enrol("u1")),
        row(*ring.template binding<Row>("row-1", subject)),
        person(*ring.template binding<Person>("row-1", subject)),
        together(*ring.template binding<Together>("row-1", subject)),
        permit(std::move(
            *ring.template permit<AccountService>(subject, {&api, "bench"}, clock.now() + custody::hours(24)))) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] static World& instance() {
    static World made;
    return made;
  }
};

/// A sink that looks at what it gets, and counts the bytes.
struct Counter : custody::Sink<AccountService, "bench"> {
  std::size_t bytes = 0;
  void operator()(std::string_view text) {
    benchmark::DoNotOptimize(text.data());
    bytes += text.size();
  }
};
/// A sink that compares.
struct Compare : custody::Sink<AccountService, "bench"> {
  std::string_view wanted;
  bool same = false;
  explicit Compare(std::string_view text) : wanted(text) {}
  void operator()(std::string_view text) { same = text == wanted; }
};

}  // namespace bench
