// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/crypto/normalise.hpp>
#include <custody/data/key_ring.hpp>
#include <custody/data/password.hpp>
#include <custody/data/region.hpp>
#include <custody/keys/memory_key_store.hpp>

/// A small product with its purposes, records, witness and authority: what the tests of fields live in.
namespace custody_test {

namespace c = custody;

struct AccountService final : c::Purpose<"account.service", c::Basis::contract> {};
struct MessageDelivery final : c::Purpose<"message.delivery", c::Basis::contract> {};
struct RealNameVerify final : c::Purpose<"real_name.verify", c::Basis::legal_duty> {};
struct CustomerSupport final : c::Purpose<"customer.support", c::Basis::contract> {};
struct PersonalisedPush final : c::Purpose<"push.personalised", c::Basis::consent> {};
using Demo = c::Product<"demo-im", c::Region::CN, AccountService, MessageDelivery, RealNameVerify, CustomerSupport,
                        PersonalisedPush>;

struct Account : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  c::Personal<std::string, AccountService, CustomerSupport, PersonalisedPush> phone;
  c::Personal<std::string, AccountService, CustomerSupport, PersonalisedPush> email;
  c::Classified<c::Personal<std::string, RealNameVerify>, c::Level::grade4> id_number;
  c::Personal<std::vector<std::string>, AccountService> tags;
  c::Personal<std::int64_t, AccountService> birthday;
  c::Password<AccountService> password;
  using custody_fields =
      c::Fields<c::record<"account", 1>, c::key<&Account::uid>, c::owner<&Account::uid>,
                c::field<1, "phone", &Account::phone, c::Category::phone, c::indexed<c::phone_e164>>,
                c::field<2, "email", &Account::email, c::Category::email>,
                c::field<3, "id_number", &Account::id_number, c::Category::id_number, c::retained<c::until_checked>>,
                c::field<4, "tags", &Account::tags, c::Category::user_tag>,
                c::field<5, "birthday", &Account::birthday, c::Category::birthday>,
                c::field<6, "password", &Account::password, c::Category::password>>;
};

/// Another table with the same field numbers and types.
struct Contact : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  c::Personal<std::string, AccountService, CustomerSupport, PersonalisedPush> phone;
  using custody_fields = c::Fields<c::record<"contact", 2>, c::key<&Contact::uid>, c::owner<&Contact::uid>,
                                   c::field<1, "phone", &Contact::phone, c::Category::phone>>;
};

struct Message : c::Retained<c::keep_for<c::calendar_days(180)>> {
  c::Public<std::string> id;
  c::Public<std::string> talk;
  c::Classified<c::Personal<std::string, MessageDelivery>, c::Level::grade4> body;
  using custody_fields = c::Fields<c::record<"message", 3>, c::key<&Message::id>, c::conversation<&Message::talk>,
                                   c::field<1, "body", &Message::body, c::Category::message_body>>;
};

inline constexpr const c::Role& service = c::role<"api", c::RoleKind::service, c::Level::core, AccountService,
                                                  MessageDelivery, RealNameVerify, CustomerSupport, PersonalisedPush>;
inline constexpr const c::Role& support = c::role<"support", c::RoleKind::staff, c::Level::grade3, CustomerSupport>;

/// Keeps what was recorded; can be told to fail.
class Notebook final : public c::Witness {
 public:
  struct Line {
    c::Verb verb;
    bool granted;
    c::Errc reason;
    c::Handle subject;
    std::string purpose, role, actor, record, field, place;
  };
  c::Result<void> record(std::span<const c::Event> events) noexcept override {
    if (failing) return c::Errc::disk_full;
    const std::lock_guard guard(mutex_);
    for (const c::Event& e : events) {
      lines_.push_back({e.verb, e.granted, e.reason, e.subject, std::string(e.purpose), std::string(e.role),
                        std::string(e.actor), std::string(e.record), std::string(e.field), std::string(e.place)});
    }
    return {};
  }
  Line last() const {
    const std::lock_guard guard(mutex_);
    return lines_.back();
  }
  std::size_t size() const {
    const std::lock_guard guard(mutex_);
    return lines_.size();
  }
  std::atomic<bool> failing{false};

 private:
  mutable std::mutex mutex_;
  std::vector<Line> lines_;
};

/// Says yes, or the error it is told.
class Ledger final : public c::Authority {
 public:
  c::Result<void> decide(const c::Question&) noexcept override {
    const int code = refuses;
    if (code >= 0) return static_cast<c::Errc>(code);
    return {};
  }
  std::atomic<int> refuses{-1};
};

inline c::RootKey root_of(char fill) {
  const std::string bytes(32, fill);
  return std::move(*c::RootKey::from_bytes(c::as_bytes(bytes)));
}

/// Everything a ring stands on, and the ring; `close()` ends the ring before the rest.
template <class Product = Demo, class Suite = c::XChaCha20Poly1305>
struct BasicWorld {
  using Ring = c::KeyRing<Product, Suite>;
  explicit BasicWorld(char root = 'r') : keys(std::make_unique<c::MemoryKeyStore>()), ring_(open(root)) {}

  Ring& ring() { return *ring_; }
  void close() { ring_.reset(); }
  void reopen(char root = 'r') { ring_.emplace(open(root)); }

  c::Subject person(std::string_view uid) {
    auto found = ring().find(uid);
    if (found) return *found;
    return std::move(*ring().enrol(uid));
  }
  template <class Record>
  c::Binding row(std::string_view id, const c::Subject& subject, std::uint64_t version = 0) {
    return std::move(*ring().template binding<Record>(id, subject, version));
  }
  template <class Tag>
  c::Permit<Tag> permit(const c::Subject& subject, const c::Role& role = service) {
    return std::move(*ring().template permit<Tag>(subject, {&role, "tester"}, clock.now() + c::minutes(5)));
  }

  std::unique_ptr<c::MemoryKeyStore> keys;
  Notebook witness;
  Ledger authority;
  c::ManualClock clock{{1'700'000'000'000}};

 private:
  Ring open(char root) { return std::move(*Ring::open(*keys, root_of(root), witness, authority, clock)); }
  std::optional<Ring> ring_;
};
using World = BasicWorld<>;

/// Releases a text field; the plaintext, or the error's name between angle brackets.
template <class Tag, class Field>
std::string released(const Field& field, const c::Permit<Tag>& permit) {
  std::string out;
  auto done = field.release(permit, c::sink<Tag, "test", c::Level::core>([&](std::string_view text) { out = text; }));
  return done ? out : std::string("<") + c::text(done.error().code) + ">";
}

/// The group that a field is sealed in.
template <class Field>
c::Result<c::Bytes> group_bytes(const Field& field) {
  const c::detail::Cell& cell = c::detail::CellOffice::cell(field);
  if (cell.state() == c::detail::CellState::unset) return c::Errc::unset;
  if (!cell.grouped()) return c::Errc::not_bound;
  return c::Bytes(cell.envelope().begin(), cell.envelope().end());
}

/// What a call failed with; -1 when it did not.
template <class Value>
int failure(const c::Result<Value>& result) {
  return result ? -1 : static_cast<int>(result.error().code);
}
/// The error of a release.
template <class Tag, class Field>
int refusal(const Field& field, const c::Permit<Tag>& permit) {
  using Payload = typename Field::custody_declared::payload;
  return failure(field.release(permit, c::sink<Tag, "test", c::Level::core>([](const Payload&) {})));
}
inline constexpr int fine = -1;
inline constexpr int code(c::Errc e) { return static_cast<int>(e); }

/// The directory of optional test data; empty when there is none.
inline std::string test_data() {
  const char* where = std::getenv("CUSTODY_TEST_DATA");
  return where == nullptr ? std::string() : std::string(where);
}

}  // namespace custody_test
