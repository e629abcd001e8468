// SPDX-License-Identifier: Apache-2.0
// Whatever a database row or a peer gives: no crash, and no envelope that was not made here opens.
#include <custody/custody.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace {

struct Service final : custody::Purpose<"account.service", custody::Basis::contract, custody::core> {};
using Product = custody::Product<"fuzz", custody::Region::CN, Service>;
struct User {
  custody::Public<std::string> uid;
  custody::Personal<std::string, Service> text;
  custody::Personal<std::vector<std::string>, Service> list;
  using custody_fields =
      custody::Fields<custody::record<"user", 1>,
                      custody::retained<custody::account_life, custody::erase_within<custody::working_days(15)>>,
                      custody::key<&User::uid>, custody::owner<&User::uid>,
                      custody::field<1, "text", &User::text, custody::Category::nickname>,
                      custody::field<2, "list", &User::list, custody::Category::nickname>>;
};
struct Yes final : custody::Authority {
  custody::Result<void> decide(const custody::Question&) noexcept override { return {}; }
};
struct Silent final : custody::Witness {
  custody::Result<void> record(std::span<const custody::Event>) noexcept override { return {}; }
};
inline constexpr auto api = custody::role<"api", custody::RoleKind::service, custody::Level::grade3, Service>;

struct World {
  custody::SystemClock clock;
  custody::MemoryKeyStore keys;
  Yes yes;
  Silent silent;
  std::optional<custody::KeyRing<Product>> ring;
  std::optional<custody::Binding> place;
  std::optional<custody::Permit<Service>> permit;
  World() {
    const std::string bytes(32, 'k');
    const auto root = custody::RootKey::from_bytes(custody::as_bytes(bytes));
    ring.emplace(std::move(*custody::KeyRing<Product>::open(keys, *root, silent, yes, clock)));
    const auto person = ring->enrol("u");
    place.emplace(*ring->binding<User>("row", *person));
    permit.emplace(std::move(*ring->permit<Service>(*person, {&api, "fuzz"}, clock.now() + custody::hours(1000))));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  const custody::ByteView bytes{reinterpret_cast<const std::byte*>(data), size};
  auto never = custody::sink<Service, "never">([](std::string_view) { std::abort(); });
  User user;
  if (custody::at_rest::from_blob<&User::text>(*world.place, bytes, user.text)) {
    if (user.text.release(*world.permit, never)) std::abort();
  }
  if (custody::at_rest::from_text<&User::text>(*world.place, custody::as_text(bytes), user.text)) {
    if (user.text.release(*world.permit, never)) std::abort();
  }
  std::vector<std::string> list;
  static_cast<void>(custody::detail::decode(bytes, list));
  const custody::Incoming body(custody::as_text(bytes));
  custody::Personal<std::string, Service> field;
  static_cast<void>(custody::take_json(body, "a.b", field));
  static_cast<void>(custody::take_form(body, "a", field));
  static_cast<void>(custody::phone_e164::apply(custody::as_text(bytes)));
  static_cast<void>(custody::mask_name::apply(custody::as_text(bytes)));
  static_cast<void>(custody::decode_leaf(bytes));
  static_cast<void>(custody::PassphraseParameters::decode(custody::as_text(bytes)));
  return 0;
}
