// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <custody/data/group.hpp>

#include "crypto/support.hpp"
#include "format/records.hpp"

/// Books: all that is at rest of one product, with the root key, as json; what the library wrote, and what it may open.
namespace format_test {

using Json = nlohmann::ordered_json;
using test::hex;
using test::unhex;

inline c::Handle handle_of(const Json& text) {
  const c::Bytes bytes = unhex(text.get<std::string>());
  c::Handle out;
  std::copy_n(bytes.begin(), std::min<std::size_t>(bytes.size(), 16), out.bytes.begin());
  return out;
}
inline std::string_view view_of(const c::Bytes& bytes) { return c::as_text(bytes); }

/// The names of errors in books.
inline std::string name_of(c::Errc code) {
  switch (code) {
    case c::Errc::malformed: return "malformed";
    case c::Errc::truncated: return "truncated";
    case c::Errc::tampered: return "tampered";
    case c::Errc::not_bound: return "not_bound";
    case c::Errc::too_large: return "too_large";
    case c::Errc::unknown_revision: return "unknown_revision";
    case c::Errc::unknown_key: return "unknown_key";
    case c::Errc::suite_unavailable: return "suite_unavailable";
    case c::Errc::foreign_envelope: return "foreign_envelope";
    default: return c::text(code);
  }
}

/// Writes down what a field is for the outside: everything that is authenticated about it.
template <auto Member>
Json place_of() {
  const auto& field = c::detail::FieldPlace<Member>::facts;
  const auto& record = c::detail::shape_of<c::detail::owner_type<Member>>::facts;
  Json out;
  out["record"] = record.number;
  out["field"] = field.number;
  for (std::uint8_t i = 1; i <= field.revision_count; ++i) {
    const auto& policy = field.revision(i)->type.policy;
    Json told;
    for (std::size_t p = 0; p != policy.purpose_count; ++p) told["purposes"].push_back(policy.purposes[p].id);
    told["level"] = static_cast<int>(policy.level);
    told["sensitive"] = policy.sensitive ? 1 : 0;
    out["revisions"][std::to_string(i)] = std::move(told);
  }
  return out;
}

template <class Payload>
std::string encoded(const Payload& value) {
  return c::detail::with_encoded(value, [](c::ByteView bytes) { return hex(bytes); });
}

/// One product's world, written to or read from json.
template <class Product, class Suite>
class Book {
 public:
  using World = custody_test::BasicWorld<Product, Suite>;

  // Writing ------------------------------------------------------------------------------------------------------
  c::Subject person(const std::string& uid) {
    auto known = world_.ring().find(uid);
    if (known) return *known;
    auto made = world_.person(uid);
    Json told;
    told["uid"] = uid;
    told["handle"] = hex(made.handle().bytes);
    persons_.push_back(std::move(told));
    note_index("uid", 0, "exact", uid, world_.keys->index_rows_of(made.handle())->front().value);
    return made;
  }
  c::Conversation converse(const std::vector<c::Subject>& members) { return *world_.ring().converse(members); }
  World& world() { return world_; }

  template <auto Member, class Value>
  Json& seal(const std::string& name, const std::string& row, const c::Subject& owner, std::uint64_t version,
             const Value& value) {
    using Record = c::detail::owner_type<Member>;
    return add<Member>(name, row, {owner.handle()}, {}, version,
                       *world_.ring().template binding<Record>(row, owner, version), value);
  }
  template <auto Member, class Value>
  Json& seal(const std::string& name, const std::string& row, const c::Conversation& talk,
             const std::vector<c::Handle>& owners, std::uint64_t version, const Value& value) {
    using Record = c::detail::owner_type<Member>;
    return add<Member>(name, row, owners, talk.handle, version,
                       *world_.ring().template binding<Record>(row, talk, owners, version), value);
  }
  /// Seals a record's fields as a group, and notes it for every member, and the first member's own part.
  template <class Record>
  void seal_group(const std::string& name, const std::string& row, const c::Subject& owner, std::uint64_t version,
                  Record& record) {
    note_group(name, row, {owner.handle()}, {}, version, *world_.ring().template binding<Record>(row, owner, version),
               record);
  }
  template <class Record>
  void seal_group(const std::string& name, const std::string& row, const c::Conversation& talk,
                  const std::vector<c::Handle>& owners, std::uint64_t version, Record& record) {
    note_group(name, row, owners, talk.handle, version,
               *world_.ring().template binding<Record>(row, talk, owners, version), record);
  }
  /// What was noted under a name.
  [[nodiscard]] Json& noted(const std::string& name) {
    return *std::find_if(envelopes_.begin(), envelopes_.end(), [&](const Json& one) { return one["name"] == name; });
  }
  void note_index(const std::string& label, std::uint32_t field, const std::string& normaliser,
                  std::string_view normalised, const c::IndexValue& value) {
    Json told;
    told["label"] = label;
    told["record"] = "";
    told["field"] = field;
    told["normaliser"] = normaliser;
    told["generation"] = 1;
    told["normalised"] = hex(c::as_bytes(normalised));
    told["value"] = hex(value);
    index_.push_back(std::move(told));
  }
  /// A copy of an envelope's entry that must be refused.
  void refuse(Json entry, const std::string& name, const std::string& error) {
    entry["name"] = name;
    entry.erase("plain");
    entry["error"] = error;
    refused_.push_back(std::move(entry));
  }
  Json done() {
    Json out;
    out["product"] = std::string(Product::id.text, Product::id.length());
    out["suite"] = static_cast<int>(Suite::id);
    out["root"] = hex(c::Bytes(32, std::byte{'r'}));
    out["persons"] = persons_;
    for (const auto& one : persons_) note_wraps(handle_of(one["handle"]), true);
    for (const c::Handle& talk : talks_) note_wraps(talk, false);
    out["wraps"] = wraps_;
    out["index"] = index_;
    out["envelopes"] = envelopes_;
    out["refused"] = refused_;
    return out;
  }

  // Reading ------------------------------------------------------------------------------------------------------
  /// What is wrong with a book; empty when everything opens and is refused as it says. Counts what was looked at.
  std::vector<std::string> faults(const Json& book, std::size_t& looked_at) {
    faults_.clear();
    load(book);
    for (const auto& one : book["persons"]) {
      auto found = world_.ring().find(one["uid"].template get<std::string>());
      check(found && found->handle() == handle_of(one["handle"]), "person " + one["uid"].template get<std::string>());
      ++looked_at;
    }
    for (const auto& one : book["index"]) {
      auto value = world_.ring().core()->index_value(
          one["label"].template get<std::string>(), one["record"].template get<std::string>(),
          one["field"].template get<std::uint32_t>(), one["normaliser"].template get<std::string>(),
          unhex(one["normalised"].template get<std::string>()));
      check(value && hex(*value) == one["value"].template get<std::string>(), "index value");
      ++looked_at;
    }
    for (const auto& one : book["envelopes"]) {
      for (const char* form : {"envelope", "text"}) {
        const auto got = open(one, form);
        check(got == one["plain"].template get<std::string>(),
              one["name"].template get<std::string>() + " as " + form + ": " + got);
        ++looked_at;
      }
      check(sealed_size_fits(one), one["name"].template get<std::string>() + ": size");
    }
    for (const auto& one : book["refused"]) {
      const auto got = open(one, one.contains("text") ? "text" : "envelope");
      const std::string want = "<" + one["error"].template get<std::string>() + ">";
      check(got == want, one["name"].template get<std::string>() + ": " + got + " instead of " + want);
      ++looked_at;
    }
    return faults_;
  }

 private:
  void check(bool good, const std::string& what) {
    if (!good) faults_.push_back(what);
  }
  void load(const Json& book) {
    check(book["root"] == hex(c::Bytes(32, std::byte{'r'})), "root");
    for (const auto& one : book["wraps"]) {
      c::WrappedKey key{handle_of(one["handle"]),
                        handle_of(one["holder"]),
                        one["generation"].template get<std::uint32_t>(),
                        {one["created"].template get<std::int64_t>()},
                        unhex(one["wrapped"].template get<std::string>()),
                        {}};
      const c::Bytes print = unhex(one["fingerprint"].template get<std::string>());
      std::copy_n(print.begin(), 32, key.fingerprint.begin());
      check(world_.keys->put_key(key).has_value(), "put_key");
    }
    for (const auto& one : book["persons"]) {  // the rows that find() looks for
      for (const auto& row : book["index"]) {
        if (row["label"] != "uid" ||
            c::as_text(unhex(row["normalised"].template get<std::string>())) != one["uid"].template get<std::string>())
          continue;
        c::IndexRow put{0, {}, handle_of(one["handle"]), {}};
        const c::Bytes value = unhex(row["value"].template get<std::string>());
        std::copy_n(value.begin(), 16, put.value.begin());
        check(world_.keys->put_index(put).has_value(), "put_index");
      }
    }
  }
  static bool sealed_size_fits(const Json& one) {
    const c::Bytes envelope = unhex(one["envelope"].template get<std::string>());
    const std::size_t plain = one["plain"].template get<std::string>().size() / 2;
    const bool gcm = envelope[1] == std::byte{2};
    if (c::detail::is_group(envelope)) {
      const auto own = c::detail::FieldBytes::of(envelope, one["field"].template get<std::uint16_t>());
      return own.size() == (gcm ? 18U : 30U) + 6 + plain + 16;
    }
    const auto size = gcm ? c::sealed_size<c::Aes256Gcm>(plain) : c::sealed_size<c::XChaCha20Poly1305>(plain);
    const auto text = gcm ? c::sealed_text_size<c::Aes256Gcm>(plain) : c::sealed_text_size<c::XChaCha20Poly1305>(plain);
    return envelope.size() == size && one["text"].template get<std::string>().size() == text;
  }

  /// The plaintext in hex, or the error between angle brackets.
  std::string open(const Json& one, const std::string& form) {
    const auto record = one["record"].template get<std::uint32_t>();
    const auto field = one["field"].template get<std::uint16_t>();
    if (record == 9) {
      const bool split = one["revisions"]["1"]["purposes"][0] == "ab";
      return split ? open_field<&SplitAb::text, Ab>(one, form) : open_field<&SplitA::text, Bc>(one, form);
    }
    if constexpr (Product::template lists<AccountService>) {
      if (record == 0x01020304 && field == 0x0506) return open_field<&Message::body, MessageDelivery>(one, form);
      if (record == 0x01020305) {
        return field == 1 ? open_field<&Letter::subject, MessageDelivery>(one, form)
                          : open_field<&Letter::body, MessageDelivery>(one, form);
      }
      if (record == 0x0A0B) return open_card(one, form, field);
      if (record != 1) return "<no such record>";
      switch (field) {
        case 1: return open_field<&Person::phone, AccountService>(one, form);
        case 3: return open_field<&Person::id_number, RealNameVerify>(one, form);
        case 4: return open_field<&Person::tags, AccountService>(one, form);
        case 5: return open_field<&Person::birthday, AccountService>(one, form);
        case 6: return open_field<&Person::condition, RealNameVerify>(one, form);
        case 7: return open_field<&Person::nick, AccountService>(one, form);
        default: break;
      }
    }
    return "<no such field>";
  }
  std::string open_card(const Json& one, const std::string& form, std::uint16_t field) {
    switch (field) {
      case 1: return open_field<&Card::since, AccountService>(one, form);
      case 2: return open_field<&Card::address, AccountService>(one, form);
      case 5: return open_field<&Card::name, AccountService>(one, form);
      case 7: return open_field<&Card::nick, AccountService>(one, form);
      case 8: return open_field<&CardBefore::gone, AccountService>(one, form);
      case 0x1234: return open_field<&Card::tags, AccountService>(one, form);
      case 0xFEFF: return open_field<&Card::motto, AccountService>(one, form);
      default: return "<no such field>";
    }
  }
  template <auto Member, class Tag>
  std::string open_field(const Json& one, const std::string& form) {
    using Record = c::detail::owner_type<Member>;
    using Payload = c::detail::payload_of<c::detail::member_type<Member>>;
    const auto wrong = [](const c::Error& error) { return "<" + name_of(error.code) + ">"; };
    const std::string row(view_of(unhex(one["row"].get<std::string>())));
    const auto version = one["version"].get<std::uint64_t>();
    std::vector<c::Handle> owners;
    for (const auto& owner : one["owners"]) owners.push_back(handle_of(owner));
    const c::Handle group = handle_of(one["group"]);
    auto subject = world_.ring().find(owners.front());
    if (!subject) return wrong(subject.error());
    auto place = group.is_zero() ? world_.ring().template binding<Record>(row, *subject, version)
                                 : world_.ring().template binding<Record>(row, c::Conversation{group}, owners, version);
    if (!place) return wrong(place.error());
    Record into;
    auto taken = form == "text"
                     ? c::at_rest::from_text<Member>(*place, one["text"].get<std::string>(), into.*Member)
                     : c::at_rest::from_blob<Member>(*place, unhex(one["envelope"].get<std::string>()), into.*Member);
    if (!taken) return wrong(taken.error());
    static constexpr const c::Role& any = c::role<"any", c::RoleKind::service, c::Level::core, Tag>;
    const auto permit = world_.template permit<Tag>(*subject, any);
    std::string plain;
    const auto shown = (into.*Member).release(permit, c::sink<Tag, "format", c::Level::core>([&](const Payload& value) {
                                                plain = encoded(value);
                                              }));
    return shown ? plain : wrong(shown.error());
  }

  template <auto Member, class Value>
  Json& add(const std::string& name, const std::string& row, const std::vector<c::Handle>& owners,
            const c::Handle& group, std::uint64_t version, const c::Binding& place, const Value& value) {
    const auto field = *c::seal_for<Member>(place, Value(value));
    return note(name, place_of<Member>(), row, owners, group, version, encoded(value), *c::at_rest::blob(field));
  }
  template <class Record>
  void note_group(const std::string& name, const std::string& row, const std::vector<c::Handle>& owners,
                  const c::Handle& group, std::uint64_t version, const c::Binding& place, Record& record) {
    if (!c::bind_record(place, record)) std::abort();
    bool first = true;
    c::detail::shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_field) {
        if constexpr (Facts::guarded) {
          const auto& cell = c::detail::CellOffice::cell(record.*Facts::member);
          if (!cell.grouped()) return;
          c::detail::PlainBuffer plain;
          if (!cell.open(c::detail::type_of<typename Facts::type>(), plain)) std::abort();
          const std::string value = hex(plain.view());
          const Json where = place_of<Facts::member>();
          const std::string called = name + ", " + std::string(Facts::name);
          note(called, where, row, owners, group, version, value, *custody_test::group_bytes(record.*Facts::member));
          const c::Bytes own = *c::at_rest::blob(record.*Facts::member);
          if (first) note(called + " alone", where, row, owners, group, version, value, own);
          first = false;
        }
      }
    });
  }
  Json& note(const std::string& name, const Json& where, const std::string& row, const std::vector<c::Handle>& owners,
             const c::Handle& group, std::uint64_t version, const std::string& plain, const c::Bytes& envelope) {
    if (!group.is_zero() && std::find(talks_.begin(), talks_.end(), group) == talks_.end()) talks_.push_back(group);
    Json told;
    told["name"] = name;
    told.update(where);
    told["version"] = version;
    told["group"] = group.is_zero() ? std::string() : hex(group.bytes);
    for (const c::Handle& owner : owners) told["owners"].push_back(hex(owner.bytes));
    told["row"] = hex(c::as_bytes(row));
    told["plain"] = plain;
    told["envelope"] = hex(envelope);
    told["text"] = c::detail::to_text_form(envelope);
    envelopes_.push_back(std::move(told));
    return envelopes_.back();
  }
  void note_wraps(const c::Handle& handle, bool of_root) {
    const auto newest = *world_.keys->newest_generation(handle);
    for (std::uint32_t generation = 1; generation <= newest; ++generation) {
      std::vector<c::Handle> holders{c::Handle{}};
      if (!of_root) holders = *world_.keys->holders(handle, generation);
      for (const c::Handle& holder : holders) {
        const auto key = *world_.keys->get_key(handle, holder, generation);
        Json told;
        told["handle"] = hex(handle.bytes);
        told["holder"] = hex(holder.bytes);
        told["generation"] = generation;
        told["created"] = key.created.ms;
        told["fingerprint"] = hex(key.fingerprint);
        told["wrapped"] = hex(key.wrapped);
        wraps_.push_back(std::move(told));
      }
    }
  }

  World world_;
  Json persons_ = Json::array(), wraps_ = Json::array(), index_ = Json::array(), envelopes_ = Json::array(),
       refused_ = Json::array();
  std::vector<c::Handle> talks_;
  std::vector<std::string> faults_;
};

}  // namespace format_test
