// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <custody/data/personal.hpp>
#include <custody/data/release.hpp>
#include <custody/edges/channel.hpp>
#include <custody/edges/json_form.hpp>

namespace custody::inline v0 {
namespace detail {

/// Why `wire::write<Purpose>(...)` does or does not compile; exactly one holds.
enum class WireVerdict : unsigned char { good, verifier, undeclared, no_permit, no_channel, low_channel };

template <class Tag, class Type, class PermitType, class ChannelType>
[[nodiscard]] consteval WireVerdict judge_wire() noexcept {
  using Policy = policy_of<Type>;
  if constexpr (requires { Type::custody_verifier; }) {
    return WireVerdict::verifier;
  } else if constexpr (!may_serve<Policy, Tag>) {
    return WireVerdict::undeclared;
  } else if constexpr (!std::is_same_v<PermitType, Permit<Tag>>) {
    return WireVerdict::no_permit;
  } else if constexpr (!declares_channel<ChannelType>) {
    return WireVerdict::no_channel;
  } else {
    constexpr Protection protection = ChannelType::custody_protection;
    return may_flow_to<Policy::level, protection.highest> ? WireVerdict::good : WireVerdict::low_channel;
  }
}
template <class Tag, class Type, class PermitType, class ChannelType>
inline constexpr WireVerdict wire_verdict = judge_wire<Tag, Type, PermitType, ChannelType>();

template <class Payload>
struct WireArgument {
  using type = std::conditional_t<RawPayload<Payload>, ByteView, const Payload&>;
};
template <>
struct WireArgument<std::string> {
  using type = std::string_view;
};
template <>
struct WireArgument<std::u8string> {
  using type = const std::u8string&;
};

/// The sink behind a wire write: what it is given becomes one json value.
template <class Tag, class ChannelType, class Payload, class Json>
struct WireSink {
  static constexpr Protection protection = ChannelType::custody_protection;
  using custody_purpose = Tag;
  static constexpr Level custody_highest = protection.highest;
  static constexpr const char* custody_name = protection.name;
  static const void* custody_inventory() noexcept { return &ChannelOutlet<Tag, ChannelType>::entry; }

  Result<void> operator()(typename WireArgument<Payload>::type value) {
    if (JsonForm<Payload>::write(*made, value) && writes_whole(*made)) return {};
    wipe_values(*made);
    return Errc::malformed;
  }
  Json* made;
};

/// Seals what a json holds into a fresh field; the json's own copy is wiped once it was understood.
template <class Type, MutableJson Json>
[[nodiscard]] Result<void> seal_json(Json& from, Type& fresh) {
  using Payload = payload_of<Type>;
  if constexpr (std::is_same_v<Payload, std::string>) {
    auto* text = from.template get_ptr<std::string*>();
    if (text == nullptr) return Errc::malformed;
    fresh = std::move(*text);  // sealed from where it lies, then wiped
  } else {
    Payload value{};
    const bool good = JsonForm<Payload>::read(static_cast<const Json&>(from), value);
    if (good) fresh = std::move(value);
    wipe_value(value);
    if (!good) return Errc::malformed;
    wipe_values(from);
  }
  return fresh.ingested();
}

}  // namespace detail

/// The road to and from peers: plaintext in json, explicit, for one purpose, through a declared channel, on record.
namespace wire {

/// Releases a field into a json object that will leave through a channel; null when it holds no value. The object is
/// unchanged on error; from then on the text in it is the host's, see wipe. Evidence: provide. PIPL Art. 6, 23.
/// Errors: those of release; malformed (no object; a text that is not UTF-8, which json cannot hold).
template <class Tag, detail::MutableJson Json, class Type, class PermitType, class ChannelType>
  requires(detail::is_guarded<Type> &&
           detail::wire_verdict<Tag, Type, PermitType, ChannelType> == detail::WireVerdict::good)
[[nodiscard]] Result<void> write(Json& object, std::string_view key, const Type& field, const PermitType& permit,
                                 const ChannelType&) {
  using Payload = detail::payload_of<Type>;
  if (!object.is_object() && !object.is_null()) return Errc::malformed;
  const detail::Cell& cell = detail::CellOffice::cell(field);
  Json made;
  if (cell.state() != detail::CellState::unset) {
    detail::WireSink<Tag, ChannelType, Payload, Json> sink{&made};
    auto done = detail::release_cell<Payload>(cell, detail::type_facts<Payload, detail::policy_of<Type>>, permit, sink,
                                              Verb::provide);
    if (!done) return done;
  }
  Json& slot = object[std::string(key)];
  detail::wipe_values(slot);
  slot = std::move(made);
  return {};
}

/// Takes what a peer sent under a key as plaintext, whatever it looks like, and seals it into a field of that purpose;
/// the json's own copy is wiped, nothing else is touched. Null is no value. Errors, with the field unchanged:
/// not_found, malformed (no object; another type or range), too_large, no_randomness, no_memory.
template <class Tag, detail::MutableJson Json, class Type>
  requires(detail::is_guarded<Type> && detail::may_serve<detail::policy_of<Type>, Tag>)
[[nodiscard]] Result<void> read(Json& object, std::string_view key, Type& field) {
  if (!object.is_object()) return Errc::malformed;
  const auto found = object.find(key);
  if (found == object.end()) return Errc::not_found;
  Type fresh;
  if (!found->is_null()) {
    if (auto done = detail::seal_json(*found, fresh); !done) return done;
  }
  field = std::move(fresh);
  return {};
}

/// Wipes every text and number of a document that was sent or read; keys and shape stay. What the json library, a
/// string made by dump() or the socket copied is theirs.
template <detail::MutableJson Json>
void wipe(Json& document) {
  detail::wipe_values(document);
}

}  // namespace wire
}  // namespace custody::inline v0

/// The refusing twins of the wire road. Internal; used once.
#define CUSTODY_DETAIL_WIRE_REFUSAL(verdict, sentence)                                                       \
  template <class Tag, ::custody::detail::MutableJson Json, class Type, class PermitType, class ChannelType> \
    requires(::custody::detail::is_guarded<Type> &&                                                          \
             ::custody::detail::wire_verdict<Tag, Type, PermitType, ChannelType> ==                          \
                 ::custody::detail::WireVerdict::verdict)                                                    \
  CUSTODY_DETAIL_REFUSE(sentence, write(Json&, std::string_view, const Type&, const PermitType&, const ChannelType&))
/// The same for calls that leave out the permit, the channel or both.
#define CUSTODY_DETAIL_WIRE_MISSING(condition, sentence)                                                              \
  template <class Tag, ::custody::detail::MutableJson Json, class Type, class... Given>                               \
    requires(sizeof...(Given) < 2 && ::custody::detail::is_guarded<Type> && ::custody::detail::is_purpose_tag<Tag> && \
             (condition))                                                                                             \
  CUSTODY_DETAIL_REFUSE(sentence, write(Json&, std::string_view, const Type&, const Given&...))

namespace custody::inline v0::wire {

CUSTODY_DETAIL_WIRE_REFUSAL(
    verifier,
    "custody[O16]: a password was written to the wire, but only its verifier is kept (CSL Art. 42). "
    "Fix: matches(permit, candidate) compares; a password to replay is a Personal field.");
CUSTODY_DETAIL_WIRE_REFUSAL(undeclared,
                            "custody[P1]: data is used for a purpose its declaration does not list (PIPL Art. 6). "
                            "Fix: declare the purpose on the field and in the notice, or do not use it.");
CUSTODY_DETAIL_WIRE_REFUSAL(
    no_permit,
    "custody[P6]: data is written to the wire with something that is no permit for the purpose (PIPL Art. 13). "
    "Fix: pass a custody::Permit<Purpose> of the purpose you name.");
CUSTODY_DETAIL_WIRE_REFUSAL(
    no_channel,
    "custody[S5]: a channel does not declare its transport, level and name (PIPL Art. 51). "
    "Fix: derive it from custody::Channel<\"name\", custody::Transport::tls, custody::Level::...>.");
CUSTODY_DETAIL_WIRE_REFUSAL(low_channel,
                            "custody[L2]: data flows into a channel of a lower level (DSL Art. 21). "
                            "Fix: declare the channel for the level if it is protected accordingly.");
CUSTODY_DETAIL_WIRE_MISSING(
    (!detail::is_permit<Given> && ...) && needs_consent(detail::purpose_facts<Tag>.basis),
    "custody[C1]: data is written to the wire for a consent purpose without a permit (PIPL Art. 13, 14). "
    "Fix: ask vault.permit<Purpose>(subject, actor) and pass it.");
CUSTODY_DETAIL_WIRE_MISSING((!detail::is_permit<Given> && ...) && !needs_consent(detail::purpose_facts<Tag>.basis),
                            "custody[P6]: data is written to the wire without a permit (PIPL Art. 13). "
                            "Fix: pass a custody::Permit<Purpose> and the channel.");
CUSTODY_DETAIL_WIRE_MISSING(
    (detail::is_permit<Given> || ...),
    "custody[S5]: data is written to the wire without a channel (PIPL Art. 51). "
    "Fix: pass an object of a class derived from custody::Channel<\"name\", custody::Transport::tls, level>.");

template <class Tag, detail::MutableJson Json, class Type>
  requires(detail::is_guarded<Type> && !detail::may_serve<detail::policy_of<Type>, Tag>)
CUSTODY_DETAIL_REFUSE(
    "custody[P1]: data is collected for a purpose its declaration does not list (PIPL Art. 6). "
    "Fix: declare the purpose on the field and in the notice, or name one that it lists.",
    read(Json&, std::string_view, Type&));

}  // namespace custody::inline v0::wire
