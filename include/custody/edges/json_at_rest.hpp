// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <custody/data/bind.hpp>
#include <custody/edges/json_form.hpp>
#include <custody/edges/member_name.hpp>

namespace custody::inline v0 {
namespace detail {

/// No text that is longer can hold an envelope that is read.
inline constexpr std::size_t longest_text = text_prefix.size() + base64url_size(largest_value + 256);

[[nodiscard]] inline const char* field_name(const Cell& cell) noexcept {
  return cell.field() == nullptr ? "" : cell.field()->name;
}

/// The member of an object. Errors: malformed (no object), not_found.
template <JsonValue Json>
[[nodiscard]] Result<const Json*> find_value(const Json& object, std::string_view key, const char* name) {
  if (!object.is_object()) return Error{Errc::malformed, name};
  const auto found = object.find(key);
  if (found == object.end()) return Error{Errc::not_found, name};
  return &*found;
}

/// What a guarded field is in a document at rest: its envelope as text, or null.
template <JsonValue Json, class Type>
[[nodiscard]] Result<void> field_to_json(Json& to, const Type& field) {
  const Cell& cell = CellOffice::cell(field);
  if (cell.state() == CellState::unset) {
    to = nullptr;
    return {};
  }
  auto text = at_rest::text(field);
  if (!text) return Error{text.error().code, field_name(cell)};
  to = std::move(*text);
  return {};
}

template <auto Member, JsonValue Json>
[[nodiscard]] Result<void> field_from_json(const Json& from, const Binding& place, member_type<Member>& field) {
  constexpr const char* name = FieldPlace<Member>::facts.name;
  if (!place) return Error{Errc::not_bound, name};
  if (from.is_null()) {
    field.reset();
    return {};
  }
  const auto* text = from.template get_ptr<const std::string*>();
  if (text == nullptr) return Error{Errc::malformed, name};
  if (text->size() > longest_text) return Error{Errc::too_large, name};
  auto done = at_rest::from_text<Member>(place, *text, field);
  if (!done) return Error{done.error().code, name, done.error().at};
  return {};
}

/// Whether a value sealed for another place stands in a record: every bound field belongs to its own number and all
/// to one row.
template <class Record>
[[nodiscard]] Result<void> check_places(const Record& record) {
  const BindingBody* row = nullptr;
  Result<void> done;
  each_member<Record>([&]<class Facts>(std::type_identity<Facts>) {
    if constexpr (is_guarded<typename Facts::type>) {
      const Cell& cell = CellOffice::cell(record.*Facts::member);
      if (!done || cell.state() != CellState::bound) return;
      if (row == nullptr) row = cell.binding().get();
      const bool own = cell.field() == &FieldPlace<Facts::member>::facts;
      if (!own || !cell.binding()->same_place(*row)) done = Error{Errc::foreign_envelope, Facts::name};
    }
  });
  return done;
}

/// What stands in errors for a member: its declared name, if it has one.
template <class Facts>
[[nodiscard]] consteval const char* error_name() noexcept {
  if constexpr (Facts::is_field) return Facts::name;
  return "";
}

template <class Type>
struct PublicValue {
  using type = Type;
};
template <class Type>
struct PublicValue<Public<Type>> {
  using type = Type;
};

template <class Facts, JsonValue Json, class Record>
[[nodiscard]] Result<void> member_to_json(Json& to, const Record& record) {
  using Type = typename Facts::type;
  if constexpr (is_guarded<Type>) {
    return field_to_json(to, record.*Facts::member);
  } else {
    const typename PublicValue<Type>::type& value = record.*Facts::member;
    const bool good = JsonForm<typename PublicValue<Type>::type>::write(to, value) && writes_whole(to);
    return good ? Result<void>() : Result<void>(Error{Errc::malformed, error_name<Facts>()});
  }
}

template <class Facts, JsonValue Json, class Record>
[[nodiscard]] Result<void> member_from_json(const Json& from, const Binding& place, Record& record) {
  using Type = typename Facts::type;
  if constexpr (is_guarded<Type>) {
    return field_from_json<Facts::member>(from, place, record.*Facts::member);
  } else {
    typename PublicValue<Type>::type value{};
    if (!JsonForm<typename PublicValue<Type>::type>::read(from, value))
      return Error{Errc::malformed, error_name<Facts>()};
    record.*Facts::member = std::move(value);
    return {};
  }
}

template <class Record>
struct JsonRecord {
  static_assert(RecordCheck<Record>::good);
  static_assert(keys_differ<Record>(),
                "two members of a record would share one json key: give one a field name of its own");
  static constexpr bool good = true;
};

}  // namespace detail

namespace at_rest {

/// What read_record does about a key that is not there, as in a document older than the field.
enum class Missing : std::uint8_t { refuse, leave };

/// Writes the text envelope of a field, or null when it holds no value; the same bytes again while it is untouched.
/// Errors: not_bound (a transient value is never serialised), malformed (no object), the ingest's own. PIPL Art. 51.
template <detail::MutableJson Json, class Type>
  requires detail::is_guarded<Type>
[[nodiscard]] Result<void> write(Json& object, std::string_view key, const Type& field) {
  if (!object.is_object() && !object.is_null()) return Errc::malformed;
  Json made;
  if (auto done = detail::field_to_json(made, field); !done) return done;
  object[std::string(key)] = std::move(made);
  return {};
}

/// Reads the envelope of the field that was expected under a key; null is no value. Nothing is deciphered before it is
/// used. Errors, with the field unchanged: not_found, malformed (no object, no text, no envelope), not_bound,
/// truncated, too_large, suite_unavailable, unknown_revision.
template <auto Member, detail::JsonValue Json>
[[nodiscard]] Result<void> read(const Json& object, std::string_view key, const Binding& place,
                                detail::member_type<Member>& field) {
  auto found = detail::find_value(object, key, detail::FieldPlace<Member>::facts.name);
  if (!found) return found.error();
  return detail::field_from_json<Member>(**found, place, field);
}
template <auto Member, detail::JsonValue Json, class Other>
  requires(!std::is_same_v<Other, detail::member_type<Member>>)
CUSTODY_DETAIL_REFUSE(
    "custody[S4]: a stored value is read as another type than its field declares (PIPL Art. 6). "
    "Fix: read it into the declared member, then restrict_to what you need.",
    read(const Json&, std::string_view, const Binding&, Other&));

/// Writes a whole record into an object, all members or none: guarded ones as envelopes, public and migrating ones by
/// their JsonForm. A field stands under its declared name, a member that is only key, owner, conversation or migrating
/// under its name in the program. Errors: those of write; foreign_envelope when a value belongs to another row or
/// field.
template <detail::MutableJson Json, class Record>
  requires detail::DeclaresFields<Record>
[[nodiscard]] Result<void> write_record(Json& object, const Record& record) {
  static_assert(detail::JsonRecord<Record>::good);
  if (!object.is_object() && !object.is_null()) return Errc::malformed;
  if (auto own = detail::check_places(record); !own) return own;
  Json made = Json::object();
  Result<void> done;
  detail::each_member<Record>([&]<class Facts>(std::type_identity<Facts>) {
    if (done) done = detail::member_to_json<Facts>(made[std::string(detail::member_key<Facts>())], record);
  });
  if (!done) return done;
  if (object.is_null()) object = Json::object();
  for (auto at = made.begin(); at != made.end(); ++at) object[at.key()] = std::move(*at);
  return {};
}

/// Reads a whole record back, all members or none; keys that belong to no member are ignored. Errors: those of read.
template <detail::JsonValue Json, class Record>
  requires detail::DeclaresFields<Record>
[[nodiscard]] Result<void> read_record(const Json& object, const Binding& place, Record& record,
                                       Missing missing = Missing::refuse) {
  static_assert(detail::JsonRecord<Record>::good);
  Record fresh(record);
  Result<void> done;
  detail::each_member<Record>([&]<class Facts>(std::type_identity<Facts>) {
    if (!done) return;
    auto found = detail::find_value(object, detail::member_key<Facts>(), detail::error_name<Facts>());
    if (found) {
      done = detail::member_from_json<Facts>(**found, place, fresh);
    } else if (missing == Missing::refuse || !(found.error() == Errc::not_found)) {
      done = found.error();
    }
  });
  if (done) record = std::move(fresh);
  return done;
}

}  // namespace at_rest
}  // namespace custody::inline v0
