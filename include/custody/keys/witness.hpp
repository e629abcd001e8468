// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <custody/law/handle.hpp>
#include <custody/law/level.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// What was done or tried (PIPL Art. 4 and 55 want processing on record).
enum class Verb : std::uint8_t {
  permit = 1,      ///< a permit was asked for
  release = 2,     ///< a value went, or was to go, into a sink
  derive = 3,      ///< map or join
  rebind = 4,
  declassify = 5,
  consent = 6,     ///< given
  decline = 7,     ///< asked and refused by the person
  withdraw = 8,
  object = 9,
  register_ = 10,  ///< a person was given a handle and a key
  store = 11,
  read = 12,       ///< a stored record could not be accepted (only refusals are recorded)
  leave = 13,      ///< one of several owners left
  erase = 14,
  sweep = 15,
  provide = 16,    ///< handed out over the wire road or in an export
  open = 17,       ///< a vault, ring or log was opened or verified
  rotate = 18,     ///< a key was given a new generation, an old one was retired, or the root changed
};

[[nodiscard]] constexpr const char* name_of(Verb verb) noexcept {
  switch (verb) {
    case Verb::permit: return "permit";
    case Verb::release: return "release";
    case Verb::derive: return "derive";
    case Verb::rebind: return "rebind";
    case Verb::declassify: return "declassify";
    case Verb::consent: return "consent";
    case Verb::decline: return "decline";
    case Verb::withdraw: return "withdraw";
    case Verb::object: return "object";
    case Verb::register_: return "register";
    case Verb::store: return "store";
    case Verb::read: return "read";
    case Verb::leave: return "leave";
    case Verb::erase: return "erase";
    case Verb::sweep: return "sweep";
    case Verb::provide: return "provide";
    case Verb::open: return "open";
    case Verb::rotate: return "rotate";
  }
  return "unknown";
}

/// One line of evidence: who, for whom, why, which field, with what outcome. Views are borrowed for the call and come
/// from declarations, never from data. No row ids, no values, no lengths, no free text.
struct Event {
  Verb verb = Verb::open;
  bool granted = false;
  Errc reason = Errc::malformed;  ///< why not; meaningless when granted
  Handle subject{};
  std::string_view purpose;
  std::string_view role;
  std::string_view actor;
  std::string_view record;
  std::string_view field;
  std::string_view place;         ///< the sink's, channel's or reason's declared name
  Level level = Level::grade1;    ///< from grade4 up the writer waits until the entry is durable
  Instant at{};
};

/// Where evidence goes. Implemented by the audit log; a host without the vault implements it over its own log.
/// Must be thread-safe and must not call back into custody. When it fails, nothing is released: no log, no plaintext.
class Witness {
 public:
  Witness() noexcept = default;
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  virtual ~Witness() = default;

  /// Records all events or none, in order.
  [[nodiscard]] virtual Result<void> record(std::span<const Event> events) noexcept = 0;
};

}  // namespace custody::inline v0
