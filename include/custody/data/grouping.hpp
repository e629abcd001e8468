// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <custody/data/bind.hpp>

namespace custody::inline v0::detail {

/// A field that is to be sealed together with others: with what it holds, or with a plaintext that was given for it.
struct GroupMember {
  Cell* cell;
  const TypeFacts* type;
  const FieldFacts* field;
  const ByteView* given = nullptr;

  [[nodiscard]] bool has_value() const noexcept { return given != nullptr || cell->state() != CellState::unset; }
  [[nodiscard]] std::size_t plain_size() const noexcept {
    return given != nullptr ? given->size() : cell->plain_size();
  }
};

/// Puts the members with a value into one group under one fresh nonce, or leaves all as they are when nothing changed. A
/// member that has to keep an older key is sealed alone under that. On error no cell has changed.
template <class Lazy>
class BasicGrouping {
 public:
  BasicGrouping(GroupMember* members, std::size_t count, const Ref<BindingBody>& place) noexcept
      : all_(members), count_(count), place_(place) {}

  /// Errors: as bind_cell.
  [[nodiscard]] Result<void> run() {
    if (!place_) return Errc::not_bound;
    if (auto good = look(); !good || count_ == 0) return good;
    Flights flights;
    if (auto open = enter_place(flights, *place_); !open) return Error{open.error().code, all_[0].field->name};
    if (stands()) {
      for (std::size_t i = 0; i != count_; ++i) {
        if (all_[i].cell->binding()->version == place_->version) all_[i].cell->share_binding(place_);
      }
      return {};
    }
    List<Cell> fresh;
    for (std::size_t i = 0; i != count_; ++i) fresh.push_back(*all_[i].cell);
    if (auto sealed = seal(fresh); !sealed) return sealed;
    for (std::size_t i = 0; i != count_; ++i) all_[i].cell->swap(fresh[i]);
    return {};
  }

 private:
  /// Leaves out what has no value, and sorts by field number.
  [[nodiscard]] Result<void> look() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i != count_; ++i) {
      if (all_[i].given == nullptr) {
        if (auto good = may_bind(*all_[i].cell, *place_, *all_[i].field); !good) return good;
      } else if (all_[i].given->size() > largest_value) {
        return Error{Errc::too_large, all_[i].field->name};
      }
      if (all_[i].has_value()) all_[kept++] = all_[i];
    }
    count_ = kept;
    for (std::size_t i = 1; i < count_; ++i) {
      for (std::size_t j = i; j != 0 && all_[j].field->number < all_[j - 1].field->number; --j)
        swap_values(all_[j], all_[j - 1]);
    }
    return {};
  }
  /// Whether the members are sealed as they have to be already: as one group, whole; and alone only who keeps an older key,
  /// or is left over beside such.
  [[nodiscard]] bool stands() const {
    const Cell* group = nullptr;
    std::size_t together = 0;
    std::size_t newest = 0;  // alone, under the newest key
    for (std::size_t i = 0; i != count_; ++i) {
      const Cell& cell = *all_[i].cell;
      if (all_[i].given != nullptr || cell.state() != CellState::bound) return false;
      if (renewal_of(cell, *place_, *all_[i].field).needed) return false;
      if (!cell.grouped()) {
        newest += keeps_key(i) ? 0U : 1U;
        continue;
      }
      if (group == nullptr) group = &cell;
      if (!cell.bytes().same_as(group->bytes())) return false;
      ++together;
    }
    if (newest > 1) return false;
    if (group == nullptr) return true;
    const auto header = EnvelopeHeader::read(group->envelope());
    const bool joins = newest != 0 && header && header->generation == place_->key->generation();
    return !joins && together > 1 && member_count_of(group->envelope()) == together;
  }

  [[nodiscard]] Result<void> seal(List<Cell>& fresh) {
    List<std::size_t> together;
    for (std::size_t i = 0; i != count_; ++i) {
      if (keeps_key(i)) {
        if (auto alone = bind_cell(fresh[i], *all_[i].type, place_, *all_[i].field, true); !alone) return alone;
      } else {
        together.push_back(i);
      }
    }
    if (together.size() == 1) {
      const GroupMember& one = all_[together[0]];
      Cell& cell = fresh[together[0]];
      return one.given != nullptr ? cell.seal_bound(*one.given, place_, *one.field)
                                  : bind_cell(cell, *one.type, place_, *one.field, true);
    }
    return together.empty() ? Result<void>() : seal_together(fresh, together);
  }
  [[nodiscard]] bool keeps_key(std::size_t i) const {
    const Cell& cell = *all_[i].cell;
    return all_[i].given == nullptr && cell.state() == CellState::bound &&
           renewal_of(cell, *place_, *all_[i].field).generation != place_->key->generation();
  }

  /// A member on its way into the group: what it is sealed under, and where its entry begins.
  struct Sealed {
    std::size_t member;
    BoundSealing sealing;
    std::size_t at;
  };

  [[nodiscard]] Result<void> seal_together(List<Cell>& fresh, const List<std::size_t>& together) {
    const SuiteOps* const suite = find_suite(place_->key->suite());
    if (suite == nullptr) return Error{Errc::suite_unavailable, suite_name(place_->key->suite())};
    List<Sealed> parts;
    std::size_t total = EnvelopeHeader::size + suite->nonce_size;
    for (const std::size_t i : together) {
      auto sealing = BoundSealing::ready<Lazy>(place_.get(), *all_[i].field, {revision_of(i), nullptr});
      if (!sealing) return Error{sealing.error().code, all_[i].field->name};
      parts.push_back({i, *sealing, total});
      total += SealedMember::entry_size + all_[i].plain_size() + suite->tag_size;
    }
    EnvelopeBytes bytes = EnvelopeBytes::of_size(total);
    if (!bytes) return Errc::no_memory;
    std::byte* const group = bytes.data();
    EnvelopeHeader{Format::grouped, suite->id, 0, place_->key->generation()}.write(group);
    if (!draw(parts, group, suite->nonce_size)) return Errc::no_randomness;
    for (const Sealed& part : parts) {
      if (auto sealed = seal_one(part, group); !sealed)
        return Error{sealed.error().code, all_[part.member].field->name};
    }
    for (const std::size_t i : together) {
      if (auto taken = fresh[i].adopt(bytes, place_, *all_[i].field); !taken) return taken;
    }
    return {};
  }
  /// Of the declaration that a member is sealed under; 0: today's.
  [[nodiscard]] std::uint8_t revision_of(std::size_t i) const {
    const GroupMember& member = all_[i];
    if (member.given != nullptr || member.cell->state() != CellState::bound) return 0;
    return renewal_of(*member.cell, *place_, *member.field).revision;
  }
  /// The nonce that the gravest member wants. Where it is hedged: over what every member is bound to, and what was given
  /// for it or what it is sealed in so far.
  [[nodiscard]] bool draw(const List<Sealed>& parts, std::byte* group, std::size_t nonce_size) {
    const Sealed* gravest = &parts[0];
    std::size_t size = 0;
    for (const Sealed& part : parts) {
      if (part.sealing.level > gravest->sealing.level) gravest = &part;
      size += content_of(part).size() + 5;
    }
    const ByteSpan nonce(group + EnvelopeHeader::size, nonce_size);
    if (!gravest->sealing.hedged()) return gravest->sealing.template draw<Lazy>(nonce, {}, {});
    later<Bytes, Lazy> context;
    WipedBytes contents(size);
    std::byte* at = contents.data();
    for (const Sealed& part : parts) {
      const GroupMember& member = all_[part.member];
      const ByteView content = content_of(part);
      std::byte entry[SealedMember::entry_size];
      SealedMember::write_entry(entry, member.field->number, part.sealing.header.revision, member.plain_size());
      BasicAadBuffer<Lazy> aad;
      aad.grouped(group, entry, *place_, *part.sealing.policy);
      Canonical(context).part(aad.view());
      *at++ = static_cast<std::byte>(member.given != nullptr);
      put_little(at, static_cast<std::uint32_t>(content.size()));
      if (!content.empty()) std::memcpy(at + 4, content.data(), content.size());
      at += 4 + content.size();
    }
    return gravest->sealing.template draw<Lazy>(nonce, context, contents.view());
  }
  [[nodiscard]] ByteView content_of(const Sealed& part) const {
    const GroupMember& member = all_[part.member];
    return member.given != nullptr ? *member.given : member.cell->envelope();
  }
  [[nodiscard]] Result<void> seal_one(const Sealed& part, std::byte* group) {
    const GroupMember& member = all_[part.member];
    std::byte* const at = group + part.at;
    if (member.given != nullptr)
      return part.sealing.template seal_member<Lazy>(group, at, *member.given, *place_, *member.field);
    PlainBuffer plain;
    if (auto opened = member.cell->open(*member.type, plain); !opened) return opened;
    if (plain.view().size() != member.plain_size()) return Errc::malformed;
    return part.sealing.template seal_member<Lazy>(group, at, plain.view(), *place_, *member.field);
  }

  GroupMember* const all_;
  std::size_t count_;
  const Ref<BindingBody>& place_;
};

using Grouping = BasicGrouping<void>;

}  // namespace custody::inline v0::detail
