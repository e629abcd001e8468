// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include <custody/storage/resealer.hpp>
#include <custody/storage/root_rotation.hpp>

namespace custody::inline v0::detail {

/// The part of a vault that rotates keys: a new generation, a pass that seals the rows again, and the end of the old one.
/// Each step may be repeated, by any process, after whatever stopped it. The root: custody::rotate_root(vault, from, to).
template <class VaultType, class StoreType>
class VaultRotation {
 public:
  /// Gives a person a new generation of the key, durable before anything is sealed with it; what is stored from now on
  /// uses it, here and in other processes. Errors: budget_exhausted at the last generation, destroyed, wrong_root.
  [[nodiscard]] Result<std::uint32_t> rotate(const Subject& subject) {
    if (!subject) return Errc::not_found;
    if (auto told = tell(subject.handle(), "rotate"); !told) return told.error();
    auto key = inside().core->new_generation(subject.handle());
    if (!key) return refuse(subject.handle(), "rotate", key.error());
    if (auto moved = inside().core->rewrap_held(subject.handle()); !moved) return moved.error();
    return (*key)->generation();
  }
  /// The same for a conversation, for those who are in it.
  [[nodiscard]] Result<std::uint32_t> rotate(const Conversation& conversation) {
    auto newest = inside().core->conversation_key(conversation.handle, 0);
    if (!newest) return newest.error();
    auto holders = inside().core->store().holders(conversation.handle, (*newest)->generation());
    if (!holders) return holders.error();
    Owners owners;
    for (const Handle& holder : *holders) {
      auto state = inside().core->state_of(holder);
      if (!state) return state.error();
      owners.push_back(std::move(*state));
    }
    if (auto told = tell({}, "rotate"); !told) return told.error();
    auto key = inside().core->start_generation(conversation.handle, (*newest)->generation() + 1, owners);
    if (!key) return refuse({}, "rotate", key.error());
    return (*key)->generation();
  }
  /// Seals the next rows again that name an older key. Start with nothing and give back what it gave until `complete`.
  /// Locks the data file for one batch. Cost: an open and a seal for each field.
  [[nodiscard]] Result<Reseal> reseal(const Reseal& at = {}, std::uint64_t limit = 200) {
    return Resealer<StoreType>(inside()).batch(nullptr, at, limit == 0 ? 1 : limit);
  }
  /// The same for the rows of one person, those of conversations included.
  [[nodiscard]] Result<Reseal> reseal(const Subject& subject, const Reseal& at = {}, std::uint64_t limit = 200) {
    if (!subject) return Errc::not_found;
    const Handle who = subject.handle();
    return Resealer<StoreType>(inside()).batch(&who, at, limit == 0 ? 1 : limit);
  }
  /// Destroys the older generations of a person's key; gives how many. Errors: in_use while a row or a conversation
  /// names one, with nothing destroyed. Cost: a look at the person's rows.
  [[nodiscard]] Result<std::uint64_t> retire(const Subject& subject) {
    if (!subject) return Errc::not_found;
    return retire(subject.handle(), false);
  }
  /// The same for a conversation. Cost: a look at the rows of its members.
  [[nodiscard]] Result<std::uint64_t> retire(const Conversation& conversation) {
    return retire(conversation.handle, true);
  }

 private:
  [[nodiscard]] VaultInside<StoreType>& inside() noexcept { return *static_cast<VaultType&>(*this).inside_; }

  [[nodiscard]] Result<std::uint64_t> retire(const Handle& handle, bool conversation) {
    const Handle subject = conversation ? Handle{} : handle;
    if (auto moved = inside().core->rewrap_held(subject); !moved) return moved.error();
    if (auto told = tell(subject, "retire"); !told) return told.error();
    auto retired = Resealer<StoreType>(inside()).retire(handle, conversation);
    if (!retired) return refuse(subject, "retire", retired.error());
    return retired;
  }
  [[nodiscard]] Result<void> tell(const Handle& subject, const char* place) {
    Event event = event_of(subject, place);
    event.granted = true;
    return inside().core->record(event);
  }
  [[nodiscard]] Error refuse(const Handle& subject, const char* place, Error error) {
    Event event = event_of(subject, place);
    event.reason = error.code;
    if (auto written = inside().core->record(event); !written) return written.error();
    return error;
  }
  [[nodiscard]] static Event event_of(const Handle& subject, const char* place) noexcept {
    Event event;
    event.verb = Verb::rotate;
    event.subject = subject;
    event.place = place;
    return event;
  }
};

}  // namespace custody::inline v0::detail
