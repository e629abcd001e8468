// SPDX-License-Identifier: Apache-2.0
#pragma once

// First and apart, so that a refusal is not reported through a chain of includes.
#include <custody/words/rule.hpp>

#include <custody/data/release.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include <custody/crypto/stream.hpp>
#include <custody/data/bind.hpp>

namespace custody::inline v0 {

/// The payload of a field whose bytes lie outside the record, in a stream: `Personal<Attachment, Purpose...> file;`. The
/// object itself holds nothing; the field holds, sealed like every value, the key and the length of its one stream. So a
/// stream opens where, for whom and for what its field opens, is moved and rotated by sealing 40 bytes again, and is gone
/// with them: with the row, at the end of the retention, with the person.
struct Attachment {
  Attachment() noexcept = default;
  Attachment(const Attachment&) = delete;  // not a value to assign: seal_stream makes the field
  Attachment& operator=(const Attachment&) noexcept = default;
};

namespace detail {

/// What the field holds: the stream's parent key, then the length as 8 bytes, little-endian.
inline constexpr std::size_t attachment_size = SecretKey::size + 8;
/// The first bytes of an attachment's stream: format, suite of the chunks, and zeros that must be zero.
inline constexpr std::array<std::byte, StreamHead::prefix_size> attachment_prefix{std::byte{0xC3}, std::byte{1}};
inline constexpr std::string_view attachment_context = "custody.attach.1";

}  // namespace detail

template <>
struct Codec<Attachment> {
  static constexpr std::string_view name = "attachment";
  static void write(detail::CodecWriter&, const Attachment&) noexcept {}
  [[nodiscard]] static bool read(CanonicalReader& in, Attachment&) noexcept {
    return in.raw(detail::attachment_size).size() == detail::attachment_size;
  }
};

namespace detail {

template <auto Member>
struct AttachmentPlace : FieldPlace<Member> {
  static constexpr bool good = std::is_same_v<payload_of<member_type<Member>>, Attachment>;
  static_assert(good,
                "custody[F2]: this member is no attachment of its record (PIPL Art. 51). "
                "Fix: declare it as custody::Personal<custody::Attachment, Purpose...>.");
};

}  // namespace detail

/// Seals the bytes of an attachment as they come, in constant memory. finish() gives the value of the field: store it with
/// the record, only then can the stream be opened. Without it what was written is noise. Move-only; not thread-safe.
template <auto Member>
class AttachmentSealer {
  using Type = detail::member_type<Member>;
  static_assert(detail::AttachmentPlace<Member>::good);

 public:
  /// Use seal_stream.
  [[nodiscard]] static Result<AttachmentSealer> start(const Binding& place, StreamTarget& target) {
    auto key = SecretKey::random();
    if (!key) return key.error();
    auto stream = StreamSealer::start(*key, detail::attachment_prefix, as_bytes(detail::attachment_context), target);
    if (!stream) return stream.error();
    return AttachmentSealer(place, std::move(*key), std::move(*stream));
  }

  /// Errors: too_large, those of the target, already_there after finish().
  [[nodiscard]] Result<void> write(ByteView plain) { return stream_.write(plain); }

  /// Ends the stream and gives its field, bound if a place was named. Errors: as write, as bind.
  [[nodiscard]] Result<Type> finish() {
    if (auto done = stream_.finish(); !done) return done.error();
    std::array<std::byte, detail::attachment_size> told;
    std::memcpy(told.data(), key_.data(), SecretKey::size);
    for (std::size_t i = 0; i != 8; ++i) told[SecretKey::size + i] = static_cast<std::byte>(stream_.size() >> (8 * i));
    key_ = SecretKey();
    Type made;
    auto done = detail::CellOffice::cell(made).seal_transient(told, detail::type_of<Type>());
    wipe(told);
    if (done && place_) done = bind<Member>(place_, made);
    if (!done) return done.error();
    return made;
  }

 private:
  AttachmentSealer(Binding place, SecretKey key, StreamSealer stream) noexcept
      : place_(std::move(place)), key_(std::move(key)), stream_(std::move(stream)) {}
  Binding place_;
  SecretKey key_;
  StreamSealer stream_;
};

/// Begins the stream of an attachment whose field is bound later, by bind() or by a vault. The target is borrowed. Errors:
/// no_randomness, no_memory, those of the target.
template <auto Member>
[[nodiscard]] Result<AttachmentSealer<Member>> seal_stream(StreamTarget& target) {
  return AttachmentSealer<Member>::start({}, target);
}
/// The same for a known place. Errors: not_bound, ring_closed, those above.
template <auto Member>
[[nodiscard]] Result<AttachmentSealer<Member>> seal_stream(const Binding& place, StreamTarget& target) {
  const auto& body = BindingOffice::body(place);
  if (!body) return Errc::not_bound;
  if (body->core->closed()) return Errc::ring_closed;
  return AttachmentSealer<Member>::start(place, target);
}

namespace detail {

/// One release of a stream after its field has been opened: finds the stream's head, and before each chunk asks whether the
/// permit still holds, so that a long release does not outlive a withdrawal or keep an erasure waiting.
template <class Lazy>
class BasicStreamRelease {
 public:
  BasicStreamRelease(const Cell& cell, const Ref<PermitBody>& permit, const PurposeFacts& purpose, const char* sink,
                     Level level) noexcept
      : place_(cell.binding()), field_(cell.field()), permit_(permit), purpose_(purpose), sink_(sink), level_(level) {}

  /// Errors: malformed, suite_unavailable (the head's first bytes), those of StreamReader.
  [[nodiscard]] static Result<StreamReader> reader(ByteView told, StreamSource& source) {
    if (told.size() != attachment_size) return Errc::malformed;
    CanonicalReader in(told);
    auto key = SecretKey::copy_of(in.raw(SecretKey::size));
    if (!key) return key.error();
    const auto size = in.number<std::uint64_t>();
    auto head = StreamReader::head(source);
    if (!head) return head.error();
    if (head->prefix[0] != attachment_prefix[0]) return Errc::malformed;
    if (head->prefix[1] != attachment_prefix[1]) return Errc::suite_unavailable;
    if (!same_bytes(head->prefix, attachment_prefix)) return Errc::malformed;
    return StreamReader::open(*key, *head, as_bytes(attachment_context), source, size);
  }

  /// What may have changed since the field was opened. Errors: as a release's.
  [[nodiscard]] Result<void> still() const {
    RingCore& core = *permit_->core;
    if (core.closed()) return Errc::ring_closed;
    core.refresh();
    auto now = core.now();
    if (!now) return now.error();
    if (permit_->until <= *now) return Errc::permit_expired;
    if (permit_->policy_version != core.policy_version()) return Errc::permit_outdated;
    if (place_->expires.ms != 0 && place_->expires <= *now) return Errc::expired;
    for (const PermitSubject& subject : permit_->subjects) {
      if (!owns(*subject.state)) continue;
      if (subject.state->life() != Life::alive) return Errc::destroyed;
      if (subject.state->epoch() != subject.epoch) return Errc::permit_withdrawn;
    }
    return {};
  }

  /// The release was granted and came to nothing, or ended early: that too is evidence.
  [[nodiscard]] Error refuse(Error why) const {
    Event event;
    event.verb = Verb::release;
    event.reason = why.code;
    event.purpose = purpose_.id;
    event.role = permit_->role->name;
    event.actor = permit_->actor;
    for (const PermitSubject& subject : permit_->subjects) {
      if (event.subject.is_zero() && owns(*subject.state)) event.subject = subject.state->handle();
    }
    event.record = place_->record->name;
    event.field = field_->name;
    event.place = sink_;
    event.level = level_;
    static_cast<void>(permit_->core->record(event));  // nothing more is released either way
    return why;
  }

 private:
  [[nodiscard]] bool owns(const SubjectState& subject) const noexcept {
    for (const Ref<SubjectState>& owner : place_->owners) {
      if (owner->handle() == subject.handle()) return true;
    }
    return false;
  }

  const Ref<BindingBody> place_;  // held here: a sink may reset the field or end the permit
  const FieldFacts* const field_;
  const Ref<PermitBody> permit_;
  const PurposeFacts& purpose_;
  const char* const sink_;
  const Level level_;
};

/// A stream beside the field that it belongs to, whole or in part: what open_stream gives. Borrows both.
template <class Policy>
class AttachmentView {
  using Payload = Bytes;  // what a sink is judged by: byte spans, chunk by chunk

 public:
  AttachmentView(const Cell& cell, StreamSource& source, std::uint64_t from, std::uint64_t length) noexcept
      : cell_(&cell), source_(&source), from_(from), length_(length) {}

  /// A part of the whole stream; what lies behind its end is not given.
  [[nodiscard]] AttachmentView range(std::uint64_t offset, std::uint64_t length) const noexcept {
    return {*cell_, *source_, offset, length};
  }

  /// Opens under a permit into a declared sink that takes a byte span, as a field's release does: the same checks, errors
  /// and evidence, one line for each call. The sink gets the parts in order, each authentic, and at least one call, with
  /// no bytes, where there are none. It ends the release early by false or an error. An error between two parts means that
  /// the rest cannot be had: changed, cut short, or the permit ended meanwhile; it is recorded too. PIPL Art. 6.
  /// Errors: those of a field's release; tampered, truncated, too_large, malformed, suite_unavailable, those of the source.
  template <class Tag, class SinkType>
    requires(release_verdict<Policy, Payload, Permit<Tag>, SinkType> == ReleaseVerdict::good)
  sink_result<SinkType, Payload> release(const Permit<Tag>& permit, SinkType&& sink) const {
    using Target = std::remove_cvref_t<SinkType>;
    static_cast<void>(Target::custody_inventory());
    const Opening opening(*cell_, type_facts<Attachment, Policy>, PermitOffice::body(permit), purpose_facts<Tag>,
                          {Verb::release, Target::custody_name, Target::custody_highest});
    if (!opening) return opening.error();
    using Release = BasicStreamRelease<later<void, Tag>>;
    const Release run(*cell_, PermitOffice::body(permit), purpose_facts<Tag>, Target::custody_name, Policy::level);
    auto reader = Release::reader(opening.plain(), *source_);
    if (!reader) return run.refuse(reader.error());
    sink_result<SinkType, Payload> last = Errc::unset;
    bool poured = false;
    bool ended = false;
    const auto pass = [&](ByteView part) -> Result<void> {
      if (auto good = run.still(); !good) return good;
      poured = true;
      last = pour<Payload>(part, sink);
      ended = !goes_on(last);
      return ended ? Result<void>(Errc::unset) : Result<void>();
    };
    const bool all = from_ == 0 && length_ >= reader->size();
    Result<void> done = all ? reader->each(pass) : reader->each(from_, length_, pass);
    if (done && !poured) done = pass(ByteView{});
    if (!done && !ended) return run.refuse(done.error());
    return last;
  }
  CUSTODY_DETAIL_RELEASE_REFUSALS

 private:
  template <class Value>
  [[nodiscard]] static bool goes_on(const Result<Value>& told) noexcept {
    if constexpr (std::is_same_v<Value, bool>) {
      return told && *told;
    } else {
      return told.has_value();
    }
  }

  const Cell* cell_;
  StreamSource* source_;
  std::uint64_t from_;
  std::uint64_t length_;
};

}  // namespace detail

/// The stream of an attachment's field, to be released whole or by ranges:
/// `open_stream(message.file, source).range(0, 4096).release(permit, sink)`. Nothing is read or opened yet; the size is that
/// of the source, stream_plain_size(source.size()), and authentic once a release succeeded.
template <class Type>
  requires(detail::is_readable<Type> && std::is_same_v<detail::payload_of<Type>, Attachment>)
[[nodiscard]] auto open_stream(const Type& field, StreamSource& source) noexcept {
  return detail::AttachmentView<detail::policy_of<Type>>(detail::CellOffice::cell(field), source, 0, no_stream);
}

}  // namespace custody::inline v0
