// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <custody/crypto/passphrase.hpp>
#include <custody/data/personal.hpp>

namespace custody::inline v0 {
namespace detail {

/// The sealed verifier inside a Password, whatever its cost and purposes.
class Verifier : public GuardedTag {
 public:
  /// True when unset or made from an empty text; needs no key and no purpose.
  [[nodiscard]] bool empty() const noexcept { return cell_.plain_size() == 0; }
  /// Tells an empty password from none; false also for a failed ingest.
  [[nodiscard]] bool has_value() const noexcept { return cell_.sealed(); }
  /// Whether the last ingest worked: too_large, no_randomness, no_memory.
  [[nodiscard]] Result<void> ingested() const noexcept {
    if (cell_.state() == CellState::failed) return cell_.reason();
    return {};
  }
  /// Back to no value.
  void reset() noexcept { cell_ = Cell{}; }

 protected:
  Verifier() noexcept = default;
  Verifier(const Verifier&) noexcept = default;
  Verifier(Verifier&&) noexcept = default;
  Verifier& operator=(const Verifier&) noexcept = default;
  Verifier& operator=(Verifier&&) noexcept = default;
  ~Verifier() = default;
  Cell cell_;

 private:
  friend class CellOffice;
};

inline Cell& CellOffice::cell(Verifier& password) noexcept { return password.cell_; }
inline const Cell& CellOffice::cell(const Verifier& password) noexcept { return password.cell_; }

}  // namespace detail

/// A secret that is only ever compared: a text becomes an Argon2id verifier of this cost at once, and only the verifier is
/// kept, sealed at grade4. Giving it a value takes as long as the cost says. An empty text matches nothing. Copyable;
/// not thread-safe while it is written to. CSL Art. 42; PIPL Art. 51. Rules P1, P4, P5, P6, O1 to O9.
template <PassphraseCost Cost, class... Tags>
class PasswordOf final : public detail::Verifier {
  static_assert(sizeof...(Tags) != 0,
                "custody[P5]: personal data without a purpose (PIPL Art. 6). Fix: name the purposes it serves.");
  static_assert((detail::is_purpose_tag<Tags> && ...),
                "custody[P4]: personal data names something that is not a declared purpose (PIPL Art. 6). "
                "Fix: struct Name final : custody::Purpose<\"id\", custody::Basis::...> {};");
  static_assert(Cost.acceptable(), "a password verifier costs at least PassphraseCost::interactive()");
  using Rules = detail::policy_for<Level::grade4, false, Tags...>;

 public:
  using custody_declared = detail::Declared<std::string, Rules, true>;
  static constexpr bool custody_verifier = true;

  PasswordOf() noexcept = default;
  /// Takes the verifier of a text; an rvalue source is wiped. A failure is kept, as for every guarded value.
  template <class Source>
    requires(detail::intake<Source, std::string> == detail::Intake::good)
  PasswordOf(Source&& source) {  // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)
    static_cast<void>(
        detail::feed<std::string>(std::forward<Source>(source), [&](ByteView text) { return keep(text); }));
  }
  template <class Source>
    requires(detail::intake<Source, std::string> == detail::Intake::null)
  CUSTODY_DETAIL_REFUSE_CTOR(CUSTODY_DETAIL_O9, PasswordOf, Source, Source&&);
  template <class Source>
    requires(detail::intake<Source, std::string> == detail::Intake::anything)
  CUSTODY_DETAIL_REFUSE_CTOR(CUSTODY_DETAIL_S6, PasswordOf, Source, Source&&);
  CUSTODY_DETAIL_ASSIGN_REFUSAL(CUSTODY_DETAIL_O9, (detail::intake<Source, std::string> == detail::Intake::null),
                                Source&&)
  CUSTODY_DETAIL_ASSIGN_REFUSAL(CUSTODY_DETAIL_S6, (detail::intake<Source, std::string> == detail::Intake::anything),
                                Source&&)

  /// Whether a candidate is the password; constant time in both, as slow as the cost says. The candidate stays with the
  /// caller. Errors: not_bound before bind or put, and everything that release refuses; all are recorded.
  template <class Tag>
    requires(detail::may_serve<Rules, Tag>)
  [[nodiscard]] Result<bool> matches(const Permit<Tag>& permit, std::string_view candidate) const {
    const detail::Opening opening(cell_, detail::type_facts<std::string, Rules>, PermitOffice::body(permit),
                                  detail::purpose_facts<Tag>, {Verb::release, "password.matches", Level::core});
    if (!opening) return opening.error();
    std::string verifier(as_text(opening.plain()));
    const bool same = !verifier.empty() && verify_password(verifier, candidate);
    wipe(verifier);
    return same;
  }
  template <class Tag>
    requires(!detail::may_serve<Rules, Tag>)
  CUSTODY_DETAIL_REFUSE_CONST(
      "custody[P1]: data is used for a purpose its declaration does not list (PIPL Art. 6). "
      "Fix: declare the purpose on the field and in the notice, or do not use it.",
      matches(const Permit<Tag>&, std::string_view));
  template <class Candidate>
  CUSTODY_DETAIL_REFUSE_CONST(
      "custody[P6]: a password is compared without a permit (PIPL Art. 13). "
      "Fix: pass a custody::Permit<Purpose> first.",
      matches(const Candidate&));
  template <class... Arguments>
  CUSTODY_DETAIL_REFUSE_CONST(
      "custody[O16]: a password was released, but only its verifier is kept (CSL Art. 42). "
      "Fix: matches(permit, candidate) compares; a password to replay is a Personal field.",
      release(Arguments&&...));

  CUSTODY_DETAIL_OUTPUT_REFUSALS(PasswordOf)

 private:
  [[nodiscard]] Result<void> keep(ByteView text) {
    constexpr const detail::TypeFacts& type = detail::type_facts<std::string, Rules>;
    if (text.empty()) return cell_.seal_transient({}, type);
    auto verifier =
        text.size() > largest_value ? Result<std::string>(Errc::too_large) : hash_password(as_text(text), Cost);
    if (!verifier) {
      cell_.fail(verifier.error().code);
      return verifier.error();
    }
    auto sealed = cell_.seal_transient(as_bytes(*verifier), type);
    wipe(*verifier);
    return sealed;
  }
};

/// A login password at the interactive cost: 64 MiB, about 60 ms for each comparison.
template <class... Tags>
using Password = PasswordOf<PassphraseCost::interactive(), Tags...>;

}  // namespace custody::inline v0

template <custody::PassphraseCost Cost, class... Tags>
struct std::tuple_size<custody::PasswordOf<Cost, Tags...>> : std::tuple_size<custody::Personal<std::string, Tags...>> {
};
