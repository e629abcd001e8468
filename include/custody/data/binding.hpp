// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <new>
#include <span>
#include <utility>

#include <custody/data/field_facts.hpp>
#include <custody/keys/ring_core.hpp>
#include <custody/words/swap.hpp>

namespace custody::inline v0 {
namespace detail {

/// The immutable place of a record: product, record, row and owners, with the key to seal with. Shared by the fields of
/// one row. A provenance (no record) only knows owners: it is what a derived value keeps.
struct BindingBody final : Counted {
  Ref<RingCore> core;
  Owners owners;
  Ref<ContentKey> key;  ///< null in a provenance
  Handle conversation{};  ///< zero when one person owns the row
  const RecordFacts* record = nullptr;
  Bytes row;
  std::uint64_t version = 0;
  Instant expires{};  ///< ms 0: none yet
  bool restricted = false;
  Bytes place;  ///< product, record, owners, row in canonical form

  [[nodiscard]] bool same_place(const BindingBody& other) const noexcept {
    return core == other.core && same_bytes(place, other.place);
  }
  template <class Lazy = void>
  [[nodiscard]] bool same_owners(const BindingBody& other) const noexcept {
    if (core.get() != other.core.get() || owners.size() != other.owners.size()) return false;
    for (std::size_t i = 0; i != owners.size(); ++i) {
      if (owners[i]->handle() != other.owners[i]->handle()) return false;
    }
    return true;
  }

  template <class Lazy = void>
  void seal_place() {
    place.clear();
    Canonical out(place);
    out.part(core->product()).number(record == nullptr ? 0U : record->number);
    out.number(static_cast<std::uint32_t>(owners.size()));
    for (const Ref<SubjectState>& owner : owners) out.raw(owner->handle().bytes);
    out.part(row);
  }
};

/// A row id longer than this cannot be bound.
inline constexpr std::size_t longest_row = 255;

/// Owners in handle order and once each: the normal form that is bound. Insertion: owners are few.
template <class Lazy = void>
void sort_owners(Owners& owners) {
  for (std::size_t i = 1; i < owners.size(); ++i) {
    for (std::size_t j = i; j != 0 && owners[j]->handle() < owners[j - 1]->handle(); --j)
      swap_values(owners[j], owners[j - 1]);
  }
  std::size_t kept = owners.empty() ? 0 : 1;
  for (std::size_t i = 1; i < owners.size(); ++i) {
    if (owners[i]->handle() != owners[kept - 1]->handle()) owners[kept++] = owners[i];
  }
  owners.shorten(kept);
}

/// The state of an owner that may be gone: a ghost has no keys, but still is part of what is bound. Errors: those of the
/// key store, since who cannot be read just now is not gone.
template <class Lazy = void>
[[nodiscard]] Result<Ref<SubjectState>> state_or_ghost(RingCore& core, const Handle& handle) {
  auto known = core.state_of(handle);
  if (known || !(known.error() == Errc::destroyed || known.error() == Errc::unknown_key)) return known;
  auto ghost = Ref<SubjectState>::adopt(new SubjectState(handle, 0));
  ghost->set_life(Life::gone);
  return ghost;
}

template <class Lazy = void>
[[nodiscard]] Result<Ref<BindingBody>> new_binding(Ref<RingCore> core, Owners owners) {
  auto* made = new (std::nothrow) BindingBody;
  if (made == nullptr) return Errc::no_memory;
  auto body = Ref<BindingBody>::adopt(made);
  sort_owners(owners);
  body->core = std::move(core);
  body->owners = std::move(owners);
  return body;
}

/// The owners of a derived value.
template <class Lazy = void>
[[nodiscard]] Result<Ref<BindingBody>> provenance(const Ref<RingCore>& core, Owners owners) {
  auto body = new_binding(core, std::move(owners));
  if (body) (*body)->seal_place();
  return body;
}

}  // namespace detail

/// Where a row's values belong: product, record, row id and owners. Made by KeyRing::binding from where a value was
/// *expected*, never from bytes. Cheap to copy; thread-safe; keeps working keys alive no longer than the ring.
class Binding {
 public:
  Binding() noexcept = default;
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(body_); }

 private:
  friend class BindingOffice;
  detail::Ref<detail::BindingBody> body_;
};

/// Makes bindings and reads them, for the library's own floors. Holding a Binding gives no access to plaintext.
class BindingOffice {
 public:
  [[nodiscard]] static Binding wrap(detail::Ref<detail::BindingBody> body) noexcept {
    Binding made;
    made.body_ = std::move(body);
    return made;
  }
  [[nodiscard]] static const detail::Ref<detail::BindingBody>& body(const Binding& binding) noexcept {
    return binding.body_;
  }
  /// A row of one person, or, with `conversation`, of a conversation's owners.
  template <class Lazy = void>
  [[nodiscard]] static Result<Binding> make(const detail::Ref<detail::RingCore>& core,
                                            const detail::RecordFacts& record, ByteView row, detail::Owners owners,
                                            const Handle& conversation, std::uint64_t version) {
    if (owners.empty()) return Errc::not_found;
    if (row.size() > detail::longest_row) return Errc::too_large;
    auto key = conversation.is_zero() ? core->key_of(owners[0]->handle(), 0) : core->conversation_key(conversation, 0);
    if (!key) return key.error();
    auto body = detail::new_binding(core, std::move(owners));
    if (!body) return body.error();
    (*body)->key = std::move(*key);
    (*body)->conversation = conversation;
    (*body)->record = &record;
    detail::copy_into((*body)->row, row);
    (*body)->version = version;
    (*body)->seal_place();
    return wrap(std::move(*body));
  }
};

}  // namespace custody::inline v0
