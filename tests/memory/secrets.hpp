// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "heap.hpp"
#include "world.hpp"

namespace custody_test {

/// A witness that keeps nothing, so that what a call allocates is the library's.
class Blind final : public c::Witness {
 public:
  c::Result<void> record(std::span<const c::Event>) noexcept override { return {}; }
};

/// A ring under a random root, whose secrets are known to the test only through the arena.
template <class Suite = c::XChaCha20Poly1305>
struct Ground {
  using Ring = c::KeyRing<Demo, Suite>;
  Ground() : root(std::move(*c::SecretKey::random())), ring(open()) {}

  [[nodiscard]] Ring open() {
    const auto key = std::move(*c::RootKey::from_bytes(root.view()));
    return std::move(*Ring::open(keys, key, witness, authority, clock));
  }
  [[nodiscard]] c::Subject person(std::string_view uid) {
    auto found = ring->find(uid);
    return found ? std::move(*found) : std::move(*ring->enrol(uid));
  }
  [[nodiscard]] c::Binding row(const c::Subject& subject) {
    return std::move(*ring->template binding<Account>("row", subject));
  }
  template <class Tag>
  [[nodiscard]] c::Permit<Tag> permit(const c::Subject& subject) {
    return std::move(*ring->template permit<Tag>(subject, {&service, "tester"}, clock.now() + c::minutes(5)));
  }

  c::SecretKey root;
  c::MemoryKeyStore keys;
  Blind witness;
  Ledger authority;
  c::ManualClock clock{{1'700'000'000'000}};
  std::optional<Ring> ring;
};

/// Every secret behind a person's phone number: root, its branches, subject key, wrapping key, field key, expanded cipher
/// state and process key. The field must have been sealed or opened before.
template <class Suite>
void remember_secrets(Needles& needles, const Ground<Suite>& ground, const c::Binding& row) {
  const auto add = [&](const char* name, const c::SecretKey& key) {
    needles.add(name, key.data(), c::SecretKey::size);
  };
  add("root key", ground.root);
  const auto root = std::move(*c::RootKey::from_bytes(ground.root.view()));
  add("root branch of wraps", std::move(*root.derive("custody.ring.wrap")));
  add("root branch of indexes", std::move(*root.derive("custody.ring.index")));
  const auto& body = c::BindingOffice::body(row);
  add("subject key", body->key->base());
  add("wrapping key", std::move(*body->key->wrapping_key()));
  const auto* field = std::move(*body->key->field_key(Suite::id, body->record->number, 1));
  add("field key", field->secret());
  if (Suite::state_size != 0) needles.add("round keys", field->state() + 32, 48);
  add("process key", c::detail::process_keys().current()->key.secret());
}

/// One phone number's way: given, bound, stored, loaded, released, moved about and given to a row directly.
template <class Suite>
[[nodiscard]] bool live_once(Ground<Suite>& ground, const c::Binding& row, const c::Permit<AccountService>& permit,
                             const Canary& canary, std::size_t size) {
  bool seen = false;
  auto look = c::sink<AccountService, "look">([&](std::string_view text) { seen = text.size() == size; });
  Account account;
  account.phone = canary.text(size);
  Account copy = account;
  if (!c::bind<&Account::phone>(row, copy.phone)) return false;
  const Account moved = std::move(copy);
  const auto stored = c::at_rest::blob(moved.phone);
  Account loaded;
  if (!stored || !c::at_rest::from_blob<&Account::phone>(row, *stored, loaded.phone)) return false;
  if (!loaded.phone.release(permit, look) || !seen) return false;
  auto made = c::map(permit, loaded.phone, [](const std::string& text) noexcept { return text; });
  auto direct = c::seal_for<&Account::phone>(row, canary.text(size));
  if (!made || !direct) return false;
  seen = false;
  if (!direct->release(permit, look) || !seen) return false;
  ground.clock.advance(c::Duration{1});
  return true;
}

}  // namespace custody_test
