// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/law/category.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0 {

// The words a record's `using custody_fields = custody::Fields<...>` is made of. Numbers are permanent: they, not names,
// are bound into envelopes, so that a renamed class or column never makes data unreadable.

/// The record's name, for people, and its number, for envelopes.
template <fixed_string Name, std::uint32_t Number>
struct record {};
/// The public member that identifies a row.
template <auto Member>
struct key {};
/// A public member that holds a person's user id; once for each owner of the row.
template <auto Member>
struct owner {};
/// The public member that holds the conversation a row belongs to.
template <auto Member>
struct conversation {};

inline constexpr Category no_category = static_cast<Category>(255);

/// A field: number, name, member, what kind of data it is, and options. A Public member needs no category.
template <std::uint16_t Number, fixed_string Name, auto Member, Category Kind = no_category, class... Options>
struct field {};
/// A member still in clear that a later release will guard; counted in the manifest.
template <auto Member>
struct migrating {};
/// A retention rule for a record that stays a plain aggregate, or a stricter one for a single field.
template <class... Rules>
struct retained {};
/// Option: equality search through a blind index over the normalised value. Options of its own: truncated<Bits>, and
/// stretched or slow. Rules F8, F9.
template <class Normaliser, class... Options>
struct indexed {};
/// Option: an earlier declaration of the field, oldest first: the name and the type it had.
template <fixed_string Name, class Type>
struct formerly {};
/// Record mode: two or more fields with the same purposes and the record's retention are stored as one group, with one
/// header and one nonce: 24 bytes less for each field but the first under XChaCha20-Poly1305. A change to one seals all of
/// them again. Rule F10.
template <auto... Members>
struct sealed_together {};
/// For a class whose members cannot be counted: nobody checks that all are listed, and the manifest counts it.
template <class Reason>
struct unchecked_layout {};

/// The declaration of a record; read when the record is used. Rules F1 to F10, R1 to R3, L5, P10.
template <class... Items>
struct Fields {};

}  // namespace custody::inline v0
