// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <custody/custody.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

/// The kernel of a fuzz target: the same bytes in every run, so that an input that fails fails again.
extern "C" inline __attribute__((used, visibility("default"))) ssize_t getrandom(void* out, size_t length, unsigned) {
  static std::uint64_t state = 0x9e3779b97f4a7c15ULL;
  for (size_t i = 0; i != length; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    static_cast<unsigned char*>(out)[i] = static_cast<unsigned char>(state >> 32);
  }
  return static_cast<ssize_t>(length);
}

namespace fuzz {

/// Ends the run when something that must hold does not.
inline void must(bool holds) {
  if (!holds) std::abort();
}

struct Service final : custody::Purpose<"account.service", custody::Basis::contract, custody::core> {};
using Product = custody::Product<"fuzz", custody::Region::CN, Service>;
struct User {
  custody::Public<std::string> uid;
  custody::Personal<std::string, Service> text;
  custody::Personal<std::vector<std::string>, Service> list;
  custody::Classified<custody::Personal<std::string, Service>, custody::Level::grade4> high;
  using custody_fields =
      custody::Fields<custody::record<"user", 1>,
                      custody::retained<custody::account_life, custody::erase_within<custody::working_days(15)>>,
                      custody::key<&User::uid>, custody::owner<&User::uid>,
                      custody::field<1, "text", &User::text, custody::Category::nickname>,
                      custody::field<2, "list", &User::list, custody::Category::nickname>,
                      custody::field<3, "high", &User::high, custody::Category::nickname>>;
};

/// Fields that are sealed together.
struct Card {
  custody::Public<std::string> uid;
  custody::Personal<std::string, Service> name;
  custody::Personal<std::string, Service> motto;
  custody::Classified<custody::Personal<std::string, Service>, custody::Level::grade4> high;
  using custody_fields =
      custody::Fields<custody::record<"card", 2>,
                      custody::retained<custody::account_life, custody::erase_within<custody::working_days(15)>>,
                      custody::key<&Card::uid>, custody::owner<&Card::uid>,
                      custody::field<1, "name", &Card::name, custody::Category::nickname>,
                      custody::field<300, "motto", &Card::motto, custody::Category::nickname>,
                      custody::field<2, "high", &Card::high, custody::Category::nickname>,
                      custody::sealed_together<&Card::name, &Card::motto, &Card::high>>;
};

struct Yes final : custody::Authority {
  custody::Result<void> decide(const custody::Question&) noexcept override { return {}; }
};
struct Silent final : custody::Witness {
  custody::Result<void> record(std::span<const custody::Event>) noexcept override { return {}; }
};
inline constexpr auto api = custody::role<"api", custody::RoleKind::service, custody::Level::core, Service>;

/// A person with a row, sealed once; and a permit to look.
struct World {
  custody::SystemClock clock;
  custody::MemoryKeyStore keys;
  Yes yes;
  Silent silent;
  std::optional<custody::KeyRing<Product>> ring;
  std::optional<custody::Binding> place;
  std::optional<custody::Permit<Service>> permit;
  User user;
  std::optional<custody::Binding> card_place;
  Card card;
  custody::Bytes groups[2];  ///< the card's fields sealed twice, the first as they are in the card
  World() {
    const std::string bytes(32, 'k');
    const auto root = custody::RootKey::from_bytes(custody::as_bytes(bytes));
    ring.emplace(std::move(*custody::KeyRing<Product>::open(keys, *root, silent, yes, clock)));
    const auto person = ring->enrol("u");
    place.emplace(*ring->binding<User>("row", *person, 7));
    permit.emplace(std::move(*ring->permit<Service>(*person, {&api, "fuzz"}, clock.now() + custody::hours(1000))));
    user.uid = "u";
    user.text = *custody::seal_for<&User::text>(*place, "15400059572");
    user.list = *custody::seal_for<&User::list>(*place, std::vector<std::string>{"ab", "c"});
    user.high = *custody::seal_for<&User::high>(*place, "secret");
    card_place.emplace(*ring->binding<Card>("row", *person, 7));
    for (std::size_t i = 2; i-- != 0;) {
      card.name = std::string("15400059572");
      card.motto = std::string();
      card.high = std::string("secret");
      must(custody::bind_record(*card_place, card).has_value());
      groups[i] = *custody::at_rest::group<&Card::name>(card);
    }
  }
  /// What a text field shows; none when it is refused.
  template <class Field>
  std::optional<std::string> shown(const Field& field) {
    std::optional<std::string> out;
    const auto done = field.release(*permit, custody::sink<Service, "fuzz", custody::Level::core>(
                                                 [&](std::string_view text) { out = std::string(text); }));
    must(done.has_value() == out.has_value());
    return out;
  }
};
inline World& world() {
  static World one;
  return one;
}

/// Bytes changed by a script: three bytes each, where (two, little-endian) and the new value.
template <class Text>
void edit(Text& text, custody::ByteView script) {
  for (std::size_t at = 0; at + 3 <= script.size() && !text.empty(); at += 3) {
    const std::size_t where = std::to_integer<std::size_t>(script[at]) | std::to_integer<std::size_t>(script[at + 1])
                                                                             << 8;
    text[where % text.size()] = static_cast<typename Text::value_type>(script[at + 2]);
  }
}

}  // namespace fuzz
