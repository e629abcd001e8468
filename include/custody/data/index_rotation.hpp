// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <custody/data/lookup.hpp>

namespace custody::inline v0 {

namespace detail {

/// Writes a step of a rotation into the evidence.
template <class Lazy = void>
[[nodiscard]] Result<void> tell_index_rotation(RingCore& core, const char* place) {
  Event event;
  event.verb = Verb::sweep;
  event.granted = true;
  event.place = place;
  return core.template record<Lazy>(event);
}

/// Begins a generation in one transaction of the key store. Errors: already_there while a rotation runs,
/// budget_exhausted past the last number, tampered, those of the key store.
template <class Lazy = void>
[[nodiscard]] Result<void> begin_generation(RingCore& core) {
  if (auto begun = core.store().begin(); !begun) return begun;
  auto state = core.index_state();
  Result<void> done = state ? Result<void>() : Result<void>(state.error());
  if (done && state->older != 0) done = Errc::already_there;
  if (done && state->newest == UINT32_MAX) done = Errc::budget_exhausted;
  if (done) {
    IndexState next;
    next.newest = state->newest + 1;
    next.older = state->newest;
    next.persons_from = state->persons_from;
    done = core.set_index_state(next);
  }
  if (done) return core.store().commit();
  core.store().rollback();
  return done;
}

}  // namespace detail

/// Rotation of the index keys for people who keep their own database; a vault has its own (Vault::index_rotation).
/// 1. start(). Other processes follow within 100 ms: until then they still store values of the generation before.
/// 2. While it runs, search for both values of lookups() and store the newest.
/// 3. Go over your rows and replace each stored value by lookup_of(field); find() every user id once.
/// 4. finish(), and finish_persons() if every user id was found since start().
/// Every step is durable by itself and may be repeated. Cheap to copy; thread-safe.
class IndexRotation {
 public:
  template <class Ring>
  explicit IndexRotation(const Ring& ring) : core_(ring.core()) {}

  /// Begins a generation of the index keys. Errors: already_there while a rotation runs, evidence_unwritable, tampered,
  /// those of the key store.
  template <class Lazy = void>
  [[nodiscard]] Result<void> start() const {
    if (auto written = detail::tell_index_rotation<Lazy>(*core_, "index.start"); !written) return written;
    return detail::begin_generation<Lazy>(*core_);
  }
  /// Whether a rotation runs. Errors: tampered, those of the key store.
  [[nodiscard]] Result<bool> running() const {
    auto state = core_->index_state();
    if (!state) return state.error();
    return state->older != 0;
  }
  /// The values that a search looks for. Errors: malformed when the text cannot be normalised.
  template <auto Member>
  [[nodiscard]] Result<Lookups<detail::payload_of<detail::member_type<Member>>>> lookups(std::string_view text) const {
    return detail::look_up_all<Member>(*core_, text);
  }
  /// The newest value of a bound field, for its column; shows nothing and needs no permit. One open and one lookup.
  /// Errors: not_bound, destroyed, tampered, malformed when the value cannot be normalised, those of keys.
  template <auto Member>
  [[nodiscard]] Result<Lookup<detail::payload_of<detail::member_type<Member>>>> lookup_of(
      const detail::member_type<Member>& field) const {
    const detail::Cell& cell = detail::CellOffice::cell(field);
    if (cell.state() != detail::CellState::bound) return Errc::not_bound;
    detail::Flights flights;
    bool alive = false;
    for (const auto& owner : cell.binding()->owners) alive = flights.enter(*owner).has_value() || alive;
    if (!alive) return Errc::destroyed;
    detail::PlainBuffer plain;
    if (auto opened = cell.open(detail::type_of<detail::member_type<Member>>(), plain); !opened) return opened.error();
    auto all = detail::look_up_all<Member>(*core_, as_text(plain.view()), true);
    if (!all) return all.error();
    return all->newest;
  }
  /// Ends the generation before: from here on it is searched no more. Errors: not_found when no rotation runs,
  /// evidence_unwritable, tampered, those of the key store.
  template <class Lazy = void>
  [[nodiscard]] Result<void> finish() const {
    return end<Lazy>("index.finish", [](detail::IndexState& state) {
      if (state.older == 0) return false;
      state.older = 0;
      return true;
    });
  }
  /// Every user id was found since the last start(): user ids of older generations are searched no more. A person whose
  /// id was not is not_found from here on. Errors: as finish(); already_there while a rotation runs.
  template <class Lazy = void>
  [[nodiscard]] Result<void> finish_persons() const {
    if (auto state = running(); !state || *state) return state ? Error{Errc::already_there} : state.error();
    return end<Lazy>("index.persons", [](detail::IndexState& state) {
      state.persons_from = state.newest;
      return true;
    });
  }

 private:
  template <class Lazy, class Change>
  [[nodiscard]] Result<void> end(const char* place, Change change) const {
    if (auto written = detail::tell_index_rotation<Lazy>(*core_, place); !written) return written;
    KeyStore& keys = core_->store();
    if (auto begun = keys.begin(); !begun) return begun;
    auto state = core_->index_state();
    Result<void> done = state ? Result<void>() : Result<void>(state.error());
    if (done && !change(*state)) done = Errc::not_found;
    if (done) done = core_->set_index_state(*state);
    if (done) return keys.commit();
    keys.rollback();
    return done;
  }

  detail::Ref<detail::RingCore> core_;
};

}  // namespace custody::inline v0
