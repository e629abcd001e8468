// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <new>
#include <span>
#include <string_view>

#include <custody/data/bind.hpp>
#include <custody/data/release.hpp>

namespace custody::inline v0 {

/// What a batch came to: refusals are in the evidence one by one; `first` is the first of them, `at` its place.
struct BatchReport {
  std::size_t released = 0;
  std::size_t refused = 0;
  Error first{};
  std::size_t at = 0;
};

/// Seals one text or byte field of many rows: all or none. Nonces come from the kernel, many in one call. `out` gets one
/// field for each place. Errors: those of seal_for, with the row's number in `at`; malformed when the three differ in size.
template <auto Member>
[[nodiscard]] Result<void> seal_many(std::span<const Binding> places, std::span<const std::string_view> plains,
                                     std::span<detail::member_type<Member>> out) {
  using Type = detail::member_type<Member>;
  static_assert(detail::RawPayload<detail::payload_of<Type>> && !detail::is_verifier<Type>,
                "seal_many seals texts and bytes; use custody::seal_for for other payloads");
  constexpr const detail::FieldFacts& field = detail::FieldPlace<Member>::facts;
  if (places.size() != plains.size() || places.size() != out.size()) return Errc::malformed;
  NonceBatch nonces;
  for (std::size_t i = 0; i != places.size(); ++i) {
    const auto& body = BindingOffice::body(places[i]);
    detail::Flights flights;
    Result<void> done = body ? detail::enter_place(flights, *body) : Result<void>(Errc::not_bound);
    if (done) done = detail::CellOffice::cell(out[i]).seal_bound(as_bytes(plains[i]), body, field, &nonces);
    if (done) continue;
    for (std::size_t j = 0; j <= i; ++j) out[j].reset();
    return Error{done.error().code, field.name, i};
  }
  return {};
}

namespace detail {

/// The openings of one batch, in place: at most so many plaintexts are in memory at once.
template <class Lazy>
class OpeningRow {
 public:
  static constexpr std::size_t limit = 16;
  OpeningRow() noexcept {}  // NOLINT(modernize-use-equals-default)
  OpeningRow(const OpeningRow&) = delete;
  OpeningRow& operator=(const OpeningRow&) = delete;
  ~OpeningRow() {
    for (std::size_t i = 0; i != count_; ++i) at(i).~BasicOpening();
  }
  void open(const Cell& cell, const TypeFacts& type, const Ref<PermitBody>& permit, const PurposeFacts& purpose,
            const Use& use) {
    ::new (static_cast<void*>(room_ + count_ * sizeof(BasicOpening<Lazy>)))
        BasicOpening<Lazy>(cell.view(), type, permit, purpose, use, &events_[count_]);
    ++count_;
  }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] const BasicOpening<Lazy>& operator[](std::size_t i) noexcept { return at(i); }
  [[nodiscard]] Event* events() noexcept { return events_; }

 private:
  [[nodiscard]] BasicOpening<Lazy>& at(std::size_t i) noexcept {
    return *std::launder(reinterpret_cast<BasicOpening<Lazy>*>(room_ + i * sizeof(BasicOpening<Lazy>)));
  }
  std::size_t count_ = 0;
  Event events_[limit];
  alignas(BasicOpening<Lazy>) std::byte room_[limit * sizeof(BasicOpening<Lazy>)];
};

}  // namespace detail

/// Releases one field of many records under one permit, into one sink, in order. The evidence of up to 16 releases is
/// written in one call before the first of them is shown; what is refused is skipped and counted. A sink that answers
/// with an error does not stop the others. Errors: moved_from, evidence_unwritable (nothing more is released then).
template <auto Member, class PermitType, class SinkType>
  requires(detail::ReleaseJudged<detail::member_type<Member>, PermitType, SinkType>::good)
[[nodiscard]] Result<BatchReport> release_many(const PermitType& permit,
                                               std::span<const detail::owner_type<Member>> records, SinkType&& sink) {
  using Type = detail::member_type<Member>;
  using Target = std::remove_cvref_t<SinkType>;
  static_cast<void>(Target::custody_inventory());
  const auto& body = PermitOffice::body(permit);
  if (!body) return Errc::moved_from;
  BatchReport report;
  for (std::size_t from = 0; from < records.size(); from += detail::OpeningRow<Type>::limit) {
    detail::OpeningRow<Type> row;
    for (std::size_t i = from; i != records.size() && row.size() != detail::OpeningRow<Type>::limit; ++i) {
      row.open(detail::CellOffice::cell(records[i].*Member), detail::type_of<Type>(), body,
               detail::purpose_facts<typename PermitType::purpose>,
               {Verb::release, detail::place_name<Target>, Target::custody_highest});
    }
    if (auto written = body->core->record(row.events(), row.size()); !written) return written.error();
    for (std::size_t i = 0; i != row.size(); ++i) {
      const auto& opening = row[i];
      auto poured = opening ? detail::pour<detail::payload_of<Type>>(opening.plain(), sink)
                            : decltype(detail::pour<detail::payload_of<Type>>(opening.plain(), sink))(opening.error());
      if (opening) {
        ++report.released;
      } else if (report.refused++ == 0) {
        report.first = opening.error();
        report.at = from + i;
      }
      static_cast<void>(poured.has_value());
    }
  }
  return report;
}

}  // namespace custody::inline v0
