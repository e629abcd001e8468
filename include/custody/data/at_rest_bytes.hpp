// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include <custody/data/bind.hpp>
#include <custody/data/release.hpp>

namespace custody::inline v0 {

/// What stands before the ciphertext of a binary envelope. A plaintext that lies at this offset of the buffer it is
/// sealed into is sealed in place.
template <class Suite = XChaCha20Poly1305>
inline constexpr std::size_t sealed_prefix = EnvelopeHeader::size + Suite::nonce_size;

/// The at-rest bytes without a field object in between: for hosts whose rows are buffers of their own.
namespace at_rest {

/// Seals text or bytes for a place into the caller's buffer and gives the length, `sealed_size` of the ring's suite. The
/// plaintext stays its owner's, unless it lies at `out.data() + sealed_prefix`: then it is sealed in place. No allocation.
/// Errors: too_large (the value, or more than `out` has room for), not_bound, ring_closed, destroyed, no_randomness,
/// budget_exhausted; nothing of use is in `out` then.
template <auto Member>
[[nodiscard]] Result<std::size_t> seal_into(const Binding& place, ByteView plain, ByteSpan out) {
  using Type = detail::member_type<Member>;
  static_assert(detail::RawPayload<detail::payload_of<Type>> && !detail::is_verifier<Type>,
                "at_rest::seal_into seals texts and bytes; use custody::seal_for for other payloads");
  const auto& body = BindingOffice::body(place);
  if (!body) return Errc::not_bound;
  constexpr const detail::FieldFacts& field = detail::FieldPlace<Member>::facts;
  detail::Flights flights;
  if (auto open = detail::enter_place(flights, *body); !open) return open.error();
  auto sealing = detail::BoundSealing::ready(body.get(), field);
  if (!sealing) return sealing.error();
  const std::size_t total = EnvelopeHeader::size + sealing->key->ops().overhead() + plain.size();
  if (plain.size() > largest_value || out.size() < total) return Errc::too_large;
  if (auto sealed = sealing->seal(out.data(), plain, *body, field); !sealed) return sealed.error();
  return total;
}
template <auto Member>
[[nodiscard]] Result<std::size_t> seal_into(const Binding& place, std::string_view plain, ByteSpan out) {
  return seal_into<Member>(place, as_bytes(plain), out);
}

/// Releases straight from the bytes that were read from the place where the field was expected. No allocation up to 4 KiB.
/// Errors: as a field's release(); truncated, malformed, suite_unavailable, not_bound and unknown_revision before that.
template <auto Member, class PermitType, class SinkType>
  requires(detail::ReleaseJudged<detail::member_type<Member>, PermitType, SinkType>::good)
auto release(const Binding& place, ByteView envelope, const PermitType& permit, SinkType&& sink)
    -> detail::sink_result<SinkType, detail::payload_of<detail::member_type<Member>>> {
  using Type = detail::member_type<Member>;
  using Target = std::remove_cvref_t<SinkType>;
  static_cast<void>(Target::custody_inventory());
  constexpr const detail::FieldFacts& field = detail::FieldPlace<Member>::facts;
  const auto& body = BindingOffice::body(place);
  if (!body) return Errc::not_bound;
  if (auto sound = detail::check_envelope(envelope, field); !sound) return sound.error();
  const detail::Opening opening(detail::SealedView{detail::CellState::bound, Errc::unset, envelope, body.get(), &field},
                                detail::type_of<Type>(), PermitOffice::body(permit),
                                detail::purpose_facts<typename PermitType::purpose>,
                                {Verb::release, detail::place_name<Target>, Target::custody_highest});
  if (!opening) return opening.error();
  return detail::pour<detail::payload_of<Type>>(opening.plain(), sink);
}

}  // namespace at_rest
}  // namespace custody::inline v0
