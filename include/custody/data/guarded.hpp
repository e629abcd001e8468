// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <custody/data/cell.hpp>
#include <custody/data/guard_traits.hpp>
#include <custody/data/incoming.hpp>
#include <custody/data/release.hpp>
#include <custody/words/rule.hpp>

/// The sentences of what may not become a field's value; internal, each used for construction and for assignment.
#define CUSTODY_DETAIL_O9                                              \
  "custody[O9]: nullptr was given to a guarded field (PIPL Art. 51). " \
  "Fix: call reset() for no value, or assign \"\" for an empty one."
#define CUSTODY_DETAIL_S6                                                              \
  "custody[S6]: a json or variant value was given to a guarded field (PIPL Art. 51). " \
  "Fix: use custody::wire::read<Purpose> or custody::at_rest::read, or take the string out first."
#define CUSTODY_DETAIL_P2                                                                                \
  "custody[P2]: data was given to a field with other purposes than it was collected for (PIPL Art. 6). " \
  "Fix: custody::restrict_to<Target>(permit, value) narrows; nothing widens."
#define CUSTODY_DETAIL_L1                                                   \
  "custody[L1]: data was given to a field of a lower level (DSL Art. 21). " \
  "Fix: raise the level of the target; levels never fall."
#define CUSTODY_DETAIL_ASSIGN_REFUSAL(sentence, condition, parameter) \
  template <class Source>                                             \
    requires(condition)                                               \
  CUSTODY_DETAIL_REFUSE(sentence, operator=(parameter));
/// The refusing assignments of a guarded class; beside its own copy and move assignment.
#define CUSTODY_DETAIL_ASSIGN_REFUSALS                                                                               \
  CUSTODY_DETAIL_ASSIGN_REFUSAL(CUSTODY_DETAIL_O9, (Base::template takes<Source> == detail::Intake::null), Source&&) \
  CUSTODY_DETAIL_ASSIGN_REFUSAL(CUSTODY_DETAIL_S6, (Base::template takes<Source> == detail::Intake::anything),       \
                                Source&&)                                                                            \
  CUSTODY_DETAIL_ASSIGN_REFUSAL(CUSTODY_DETAIL_P2, (Base::template becomes<Source> == detail::Change::purposes),     \
                                const Source&)                                                                       \
  CUSTODY_DETAIL_ASSIGN_REFUSAL(CUSTODY_DETAIL_L1, (Base::template becomes<Source> == detail::Change::level),        \
                                const Source&)

namespace custody::inline v0::detail {

template <class Plain>
void wipe_source(Plain& source) noexcept {
  if constexpr (requires { wipe(source); }) {
    wipe(source);
  } else {
    wipe_value(source);
  }
}

/// Wipes a source that was moved in at the end, whatever became of it; an lvalue stays with its owner.
template <class Source>
class SourceGuard {
 public:
  explicit SourceGuard(std::remove_reference_t<Source>& source) noexcept : source_(&source) {}
  SourceGuard(const SourceGuard&) = delete;
  SourceGuard& operator=(const SourceGuard&) = delete;
  ~SourceGuard() {
    using Plain = std::remove_cvref_t<Source>;
    constexpr bool ours = !std::is_lvalue_reference_v<Source> && !std::is_const_v<std::remove_reference_t<Source>>;
    if constexpr (ours && std::is_same_v<Plain, Incoming>) {
      source_->clear();
    } else if constexpr (ours && !is_pointer_or_view<Plain> && HasCodec<Plain>) {
      wipe_source(*source_);
    }
  }

 private:
  [[maybe_unused]] std::remove_reference_t<Source>* source_;
};

/// Gives `seal` the canonical bytes of a source without copying texts, then wipes what was ours to wipe: rvalues and
/// everything made on the way.
template <class Payload, class Source, class Seal>
Result<void> feed(Source&& source, Seal&& seal) {
  using Plain = std::remove_cvref_t<Source>;
  const SourceGuard<Source> wiped(source);
  if constexpr (std::is_same_v<Plain, Incoming>) {
    static_assert(RawPayload<Payload>, "an Incoming buffer feeds text and byte fields");
    return seal(IncomingOffice::view(source));
  } else if constexpr (std::is_same_v<Plain, Payload>) {
    return with_encoded(source, seal);
  } else if constexpr (std::is_same_v<Payload, std::string> && std::is_convertible_v<Source, std::string_view>) {
    return seal(as_bytes(std::string_view(source)));
  } else {
    Payload converted = std::forward<Source>(source);
    const SourceGuard<Payload> made(converted);
    return with_encoded(converted, seal);
  }
}

/// What every guarded type is inside: one Cell, the ways in, the one way out, and a refusal for everything else.
/// The object is an envelope at every moment. Not thread-safe while it is written to; safe to read from many threads.
template <class Payload, class Policy>
class Guarded : public GuardedTag {
  static_assert(!is_pointer_or_view<Payload>,
                "custody[O10]: a pointer or a view cannot be sealed, it only points at the data (PIPL Art. 51). "
                "Fix: guard the owning type, such as std::string.");
  static_assert(is_pointer_or_view<Payload> || HasCodec<Payload>,
                "custody[O10]: this payload type has no codec (PIPL Art. 51). "
                "Fix: list its members in custody_codec or specialise custody::Codec.");

 public:
  using custody_declared = Declared<Payload, Policy, Policy::purpose_count != 0>;

  template <class Source>
  static constexpr Intake takes = intake<Source, Payload>;
  template <class Source>
  static constexpr Change becomes = change<Source, custody_declared>;

  Guarded() noexcept = default;

  /// Seals a value at once; an rvalue source is wiped. From anything that converts to the payload, except types that
  /// convert to everything. A failure is kept and reported by the first call that needs the value.
  template <class Source>
    requires(intake<Source, Payload> == Intake::good)
  Guarded(Source&& source) {  // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)
    ingest(std::forward<Source>(source));
  }

  /// Another spelling of the same policy: the ciphertext is copied or moved.
  template <class Other>
    requires(change<Other, custody_declared> == Change::same)
  Guarded(const Other& other) noexcept : cell_(other.cell_) {}  // NOLINT(google-explicit-constructor)
  template <class Other>
    requires(!std::is_reference_v<Other> && !std::is_const_v<Other> && change<Other, custody_declared> == Change::same)
  Guarded(Other&& other) noexcept : cell_(std::move(other.cell_)) {}  // NOLINT(google-explicit-constructor)

  template <class Source>
    requires(intake<Source, Payload> == Intake::null)
  CUSTODY_DETAIL_REFUSE_CTOR(CUSTODY_DETAIL_O9, Guarded, Source, Source&&);
  template <class Source>
    requires(intake<Source, Payload> == Intake::anything)
  CUSTODY_DETAIL_REFUSE_CTOR(CUSTODY_DETAIL_S6, Guarded, Source, Source&&);
  template <class Other>
    requires(change<Other, custody_declared> == Change::purposes)
  CUSTODY_DETAIL_REFUSE_CTOR(CUSTODY_DETAIL_P2, Guarded, Other, const Other&);
  template <class Other>
    requires(change<Other, custody_declared> == Change::level)
  CUSTODY_DETAIL_REFUSE_CTOR(CUSTODY_DETAIL_L1, Guarded, Other, const Other&);

  /// True when unset or zero-length; needs no key and no purpose.
  [[nodiscard]] bool empty() const noexcept { return cell_.plain_size() == 0; }
  /// Tells an empty value from none; false also for a failed ingest.
  [[nodiscard]] bool has_value() const noexcept { return cell_.sealed(); }
  /// Whether the last ingest worked: too_large, no_randomness, no_memory.
  [[nodiscard]] Result<void> ingested() const noexcept {
    if (cell_.state() == CellState::failed) return cell_.reason();
    return {};
  }
  /// Back to no value.
  void reset() noexcept { cell_ = Cell{}; }

  /// The one way out: opens under a permit into a declared sink, which sees the plaintext while the call runs.
  /// Errors: everything the permit, the place and the cipher can refuse; all are recorded. PIPL Art. 6.
  template <class Tag, class SinkType>
    requires(release_verdict<Policy, Payload, Permit<Tag>, SinkType> == ReleaseVerdict::good)
  sink_result<SinkType, Payload> release(const Permit<Tag>& permit, SinkType&& sink) const {
    return release_cell<Payload>(cell_, type_facts<Payload, Policy>, permit, sink, Verb::release);
  }
  CUSTODY_DETAIL_RELEASE_REFUSALS

  CUSTODY_DETAIL_OUTPUT_REFUSALS(Guarded)

  template <class Target>
    requires(std::is_same_v<Target, bool> || (std::is_scalar_v<Payload> && std::is_scalar_v<Target>) ||
             std::is_same_v<Target, Payload> || std::is_same_v<Target, std::string_view>)
  CUSTODY_DETAIL_REFUSE_CONVERSION(
      "custody[O6]: a guarded value was converted to plain data (PIPL Art. 51). "
      "Fix: ask empty() or has_value(), or release(permit, sink).",
      , Target);

 private:
  template <class, class>
  friend class Guarded;
  friend class CellOffice;

  template <class Source>
  void ingest(Source&& source) {
    static_cast<void>(feed<Payload>(std::forward<Source>(source), [&](ByteView plain) {
      return cell_.seal_transient(plain, type_facts<Payload, Policy>);
    }));
  }

  Cell cell_;
};

class Verifier;  // password.hpp

/// Reaches the cell of a guarded object for the library's own floors: storing, binding, regions. A cell is ciphertext.
class CellOffice {
 public:
  template <class Payload, class Policy>
  [[nodiscard]] static Cell& cell(Guarded<Payload, Policy>& guarded) noexcept {
    return guarded.cell_;
  }
  template <class Payload, class Policy>
  [[nodiscard]] static const Cell& cell(const Guarded<Payload, Policy>& guarded) noexcept {
    return guarded.cell_;
  }
  [[nodiscard]] static Cell& cell(Verifier& password) noexcept;
  [[nodiscard]] static const Cell& cell(const Verifier& password) noexcept;
};

}  // namespace custody::inline v0::detail
