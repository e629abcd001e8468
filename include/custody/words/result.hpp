// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace custody::inline v0 {

/// What went wrong, as a value. Never a person's data, never free text: names are declarations of the program.
enum class Errc : std::uint8_t {
  // the value itself
  unset,                 ///< the field holds no value
  too_large,             ///< the value exceeds the size cap, or an encoding exceeds its length field
  no_randomness,         ///< the kernel gave no random bytes
  no_memory,             ///< an allocation failed
  moved_from,            ///< the object was moved from
  // envelopes
  malformed,             ///< not an envelope, or a header, encoding, file or line that cannot be read
  truncated,             ///< shorter than its header promises
  tampered,              ///< authentication failed: changed bytes, or another row, field, record, subject or policy
  foreign_envelope,      ///< bound to another row, field, record, owner or product
  foreign_module,        ///< a transient value of another module's or process's key
  not_bound,             ///< a transient value where a bound one is needed (serialise, release)
  unknown_revision,      ///< sealed under a declaration this program does not list
  suite_unavailable,     ///< this program, machine or libsodium cannot run the cipher suite, which `where` names
  suite_refused,         ///< the product does not allow this cipher suite for data of this level
  // keys
  unknown_key,           ///< no key of that handle and generation; may be retried after another process wrote it
  destroyed,             ///< the key was destroyed: the person was erased or left
  wrong_root,            ///< the root key or passphrase does not open this key file
  budget_exhausted,      ///< the key has sealed as many messages as its suite allows
  // permission
  wrong_subject,         ///< the permit is for somebody else
  wrong_ring,            ///< the permit or binding comes from another key ring
  permit_expired,
  permit_withdrawn,      ///< consent was withdrawn or an objection raised after the permit was minted
  permit_outdated,       ///< the policy version changed after the permit was minted
  ring_closed,           ///< the key ring or vault behind the permit is gone
  purpose_not_then,      ///< the value was sealed under a declaration that did not list this purpose
  no_consent,
  consent_withdrawn,
  consent_outdated,      ///< the notice changed in purpose, manner or kind after the consent
  separate_consent_missing,
  guardian_missing,      ///< a person under 14 without a guardian's consent
  objected,
  asked_too_soon,        ///< asking again after a refusal before the cool-down ended
  role_lacks_purpose,
  clearance_too_low,
  restricted,            ///< the data may only be stored and protected (PIPL Art. 47)
  no_live_basis,         ///< no declared purpose of the field has a live basis
  expired,               ///< retention ended, swept or not
  clock_set_back,
  inside_release,        ///< an erasure from inside a release would wait for itself
  // evidence and storage
  evidence_unwritable,   ///< the audit log could not be written: no log, no plaintext
  not_found,
  already_there,
  locked,                ///< the database is locked by another process
  read_only,
  disk_full,
  storage_failed,
  unsafe_permissions,    ///< a secret file that others may read
  wrong_schema,          ///< a file of another product or of a version this program does not know
  clear_refused,         ///< clear text in a table that is switched to sealed only
  in_use,                ///< something still refers to the key that was to be retired
  rolled_back,           ///< an older copy of the keys than was seen before
};

/// A fixed English sentence for a code; static storage, safe to log.
[[nodiscard]] constexpr const char* text(Errc code) noexcept;

/// An error value: the code, the declared name it concerns (static storage) and a number such as a line or an offset.
struct Error {
  Errc code = Errc::malformed;
  const char* where = "";
  std::uint64_t at = 0;

  [[nodiscard]] friend constexpr bool operator==(const Error& left, Errc right) noexcept { return left.code == right; }
};

/// A value or an Error. Looking into the absent half ends the program: check first. The compiler's own traits and casts
/// stand here because every type that a call can return pays for what this class instantiates.
template <class Value>
class [[nodiscard(
    "custody[O13]: a custody result was discarded (PIPL Art. 51). Fix: look at it, it says whether the data was "
    "protected.")]] Result {
  static_assert(!std::is_reference_v<Value>);

 public:
  using success_type = Value;
  Result(Value value) noexcept(__is_nothrow_constructible(Value, Value))  // NOLINT(google-explicit-constructor)
      : value_(static_cast<Value&&>(value)), good_(true) {}
  Result(Error error) noexcept : error_(error), good_(false) {}  // NOLINT(google-explicit-constructor)
  Result(Errc code) noexcept : Result(Error{code}) {}  // NOLINT(google-explicit-constructor)
  Result(Result&& other) noexcept(__is_nothrow_constructible(Value, Value)) : good_(other.good_) {
    if (good_) {
      ::new (static_cast<void*>(&value_)) Value(static_cast<Value&&>(other.value_));
    } else {
      ::new (static_cast<void*>(&error_)) Error(other.error_);
    }
  }
  Result(const Result& other)
    requires(__is_constructible(Value, const Value&))
      : good_(other.good_) {
    if (good_) {
      ::new (static_cast<void*>(&value_)) Value(other.value_);
    } else {
      ::new (static_cast<void*>(&error_)) Error(other.error_);
    }
  }
  Result& operator=(Result other) noexcept(__is_nothrow_constructible(Value, Value)) {
    this->~Result();
    ::new (static_cast<void*>(this)) Result(static_cast<Result&&>(other));
    return *this;
  }
  ~Result() {
    if (good_) value_.~Value();
  }

  [[nodiscard]] bool has_value() const noexcept { return good_; }
  [[nodiscard]] explicit operator bool() const noexcept { return good_; }
  [[nodiscard]] Value& operator*() & noexcept { return checked(); }
  [[nodiscard]] const Value& operator*() const& noexcept { return checked(); }
  [[nodiscard]] Value&& operator*() && noexcept { return static_cast<Value&&>(checked()); }
  [[nodiscard]] Value* operator->() noexcept { return &checked(); }
  [[nodiscard]] const Value* operator->() const noexcept { return &checked(); }
  [[nodiscard]] Error error() const noexcept {
    if (good_) std::abort();
    return error_;
  }

 private:
  [[nodiscard]] Value& checked() noexcept {
    if (!good_) std::abort();
    return value_;
  }
  [[nodiscard]] const Value& checked() const noexcept {
    if (!good_) std::abort();
    return value_;
  }
  union {
    Value value_;
    Error error_;
  };
  bool good_;
};

/// Success, or an Error.
template <>
class [[nodiscard(
    "custody[O13]: a custody result was discarded (PIPL Art. 51). Fix: look at it, it says whether the data was "
    "protected.")]] Result<void> {
 public:
  using success_type = void;
  Result() noexcept = default;
  Result(Error error) noexcept : error_(error), good_(false) {}  // NOLINT(google-explicit-constructor)
  Result(Errc code) noexcept : Result(Error{code}) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const noexcept { return good_; }
  [[nodiscard]] explicit operator bool() const noexcept { return good_; }
  [[nodiscard]] Error error() const noexcept {
    if (good_) std::abort();
    return error_;
  }

 private:
  Error error_{};
  bool good_ = true;
};

constexpr const char* text(Errc code) noexcept {
  switch (code) {
    case Errc::unset: return "the field holds no value";
    case Errc::too_large: return "the value is larger than allowed";
    case Errc::no_randomness: return "the kernel gave no random bytes";
    case Errc::no_memory: return "out of memory";
    case Errc::moved_from: return "the object was moved from";
    case Errc::malformed: return "the input is malformed";
    case Errc::truncated: return "the input is cut short";
    case Errc::tampered: return "authentication failed";
    case Errc::foreign_envelope: return "the value is bound to another place";
    case Errc::foreign_module: return "the value was sealed by another module or process";
    case Errc::not_bound: return "the value is not bound to a person and a place yet";
    case Errc::unknown_revision: return "the declaration revision is not listed";
    case Errc::suite_unavailable: return "the cipher suite is not available here";
    case Errc::suite_refused: return "the cipher suite is not allowed for data of this level";
    case Errc::unknown_key: return "no such key";
    case Errc::destroyed: return "the key was destroyed";
    case Errc::wrong_root: return "the root key does not open this key file";
    case Errc::budget_exhausted: return "the key's message budget is used up";
    case Errc::wrong_subject: return "the permit is for another person";
    case Errc::wrong_ring: return "the permit or binding belongs to another key ring";
    case Errc::permit_expired: return "the permit has expired";
    case Errc::permit_withdrawn: return "the permit ended with a withdrawal";
    case Errc::permit_outdated: return "the policy changed after the permit was given";
    case Errc::ring_closed: return "the key ring is closed";
    case Errc::purpose_not_then: return "the value was collected without this purpose";
    case Errc::no_consent: return "no consent was given";
    case Errc::consent_withdrawn: return "the consent was withdrawn";
    case Errc::consent_outdated: return "the notice changed after the consent";
    case Errc::separate_consent_missing: return "a separate consent is required";
    case Errc::guardian_missing: return "a guardian's consent is required";
    case Errc::objected: return "the person objected";
    case Errc::asked_too_soon: return "the person refused recently and may not be asked again yet";
    case Errc::role_lacks_purpose: return "the role may not act for this purpose";
    case Errc::clearance_too_low: return "the role's clearance is too low";
    case Errc::restricted: return "the data is restricted to storage and protection";
    case Errc::no_live_basis: return "no declared purpose has a live basis";
    case Errc::expired: return "the retention period has ended";
    case Errc::clock_set_back: return "the clock was set back";
    case Errc::inside_release: return "not allowed from inside a release";
    case Errc::evidence_unwritable: return "the evidence could not be written";
    case Errc::not_found: return "not found";
    case Errc::already_there: return "already there";
    case Errc::locked: return "the database is locked";
    case Errc::read_only: return "the database is read-only";
    case Errc::disk_full: return "the disk is full";
    case Errc::storage_failed: return "the storage failed";
    case Errc::unsafe_permissions: return "the file may be read by others";
    case Errc::wrong_schema: return "the file is of another product or version";
    case Errc::clear_refused: return "clear text is refused in this table";
    case Errc::in_use: return "something still refers to it";
    case Errc::rolled_back: return "the keys are an older copy";
  }
  return "unknown error";
}

}  // namespace custody::inline v0
