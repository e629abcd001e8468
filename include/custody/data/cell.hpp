// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include <custody/crypto/entropy.hpp>
#include <custody/data/binding.hpp>
#include <custody/data/envelope.hpp>
#include <custody/data/field_facts.hpp>
#include <custody/keys/process_key.hpp>
#include <custody/words/swap.hpp>

namespace custody::inline v0::detail {

/// What a guarded object is at the moment. `none` is a value that was never given; `failed` remembers why an ingest failed.
enum class CellState : std::uint8_t { unset = 0, transient = 1, derived = 2, bound = 3, failed = 4 };

/// Associated data under construction: on the stack up to 512 bytes.
template <class Lazy>
class BasicAadBuffer {
 public:
  BasicAadBuffer& raw(const void* from, std::size_t length) {
    if (spilled_.empty() && used_ + length <= near_.size()) {
      if (length != 0) std::memcpy(near_.data() + used_, from, length);
      used_ += length;
      return *this;
    }
    if (spilled_.empty()) spilled_.append(near_.data(), used_);
    spilled_.append(static_cast<const std::byte*>(from), length);
    return *this;
  }
  template <class Number>
  BasicAadBuffer& number(Number value) {
    std::array<std::byte, sizeof(Number)> bytes;
    for (std::size_t i = 0; i != sizeof(Number); ++i)
      bytes[i] = static_cast<std::byte>(std::uint64_t{value} >> (8 * i));
    return raw(bytes.data(), bytes.size());
  }
  [[nodiscard]] ByteView view() const noexcept {
    return spilled_.empty() ? ByteView{near_.data(), used_} : ByteView{spilled_.begin(), spilled_.size()};
  }

 private:
  std::array<std::byte, 512> near_;
  std::size_t used_ = 0;
  List<std::byte> spilled_;
};

/// The representation of every guarded type: 32 bytes that never hold plaintext. The first byte is zero, so that an object
/// passed through `...` to a "%s" prints nothing. Copying copies ciphertext; moving leaves `unset`.
template <class Lazy>
class BasicCell {
  using AadBuffer = BasicAadBuffer<Lazy>;

 public:
  BasicCell() noexcept = default;
  BasicCell(const BasicCell& other) noexcept
      : state_(other.state_), reason_(other.reason_), binding_(other.binding_), field_(other.field_) {
    if (other.size_ != 0) copy_envelope({other.data_, other.size_});
  }
  BasicCell(BasicCell&& other) noexcept { swap(other); }
  BasicCell& operator=(BasicCell other) noexcept {
    swap(other);
    return *this;
  }
  ~BasicCell() { delete[] data_; }

  void swap(BasicCell& other) noexcept {
    swap_values(state_, other.state_);
    swap_values(reason_, other.reason_);
    swap_values(size_, other.size_);
    swap_values(data_, other.data_);
    swap_values(binding_, other.binding_);
    swap_values(field_, other.field_);
  }

  [[nodiscard]] CellState state() const noexcept { return state_; }
  [[nodiscard]] bool sealed() const noexcept {
    return state_ == CellState::transient || state_ == CellState::derived || state_ == CellState::bound;
  }
  [[nodiscard]] Errc reason() const noexcept { return state_ == CellState::failed ? reason_ : Errc::unset; }
  [[nodiscard]] ByteView envelope() const noexcept { return {data_, size_}; }
  [[nodiscard]] const Ref<BindingBody>& binding() const noexcept { return binding_; }
  [[nodiscard]] const FieldFacts* field() const noexcept { return field_; }

  /// Length of the encoded plaintext, which the ciphertext shows anyway.
  [[nodiscard]] std::size_t plain_size() const noexcept {
    if (!sealed() || size_ < EnvelopeHeader::size) return 0;
    const SuiteFacts suite = suite_facts(static_cast<SuiteId>(data_[1]));
    const std::size_t around = EnvelopeHeader::size + suite.overhead();
    return size_ < around ? 0 : size_ - around;
  }

  void fail(Errc reason) noexcept {
    *this = BasicCell{};
    state_ = CellState::failed;
    reason_ = reason;
  }

  /// Seals under the process key; with a provenance, the owners are authenticated too. On error the cell is `failed`.
  Result<void> seal_transient(ByteView plain, const TypeFacts& type, Ref<BindingBody> provenance = {}) {
    BasicCell fresh;
    if (auto done = fresh.transient_into(plain, type, std::move(provenance)); !done) {
      fail(done.error().code);
      return done;
    }
    swap(fresh);
    return {};
  }

  /// Seals for a place under today's declaration. On error the cell keeps what it held.
  [[nodiscard]] Result<void> seal_bound(ByteView plain, const Ref<BindingBody>& place, const FieldFacts& field) {
    BasicCell fresh;
    if (auto done = fresh.bound_into(plain, place, field); !done) return done;
    swap(fresh);
    return {};
  }

  /// Opens whatever is inside into wiped memory. Errors: those of the state, keys and authentication.
  [[nodiscard]] Result<WipedBytes> open(const TypeFacts& type) const {
    switch (state_) {
      case CellState::unset: return Errc::unset;
      case CellState::failed: return reason_;
      case CellState::transient:
      case CellState::derived: return open_transient(type);
      case CellState::bound: return open_bound();
    }
    return Errc::malformed;
  }

  /// Takes an envelope that was read from a place; nothing is deciphered yet. Errors: truncated, malformed,
  /// suite_unavailable, not_bound (a transient envelope), unknown_revision.
  [[nodiscard]] Result<void> adopt(ByteView envelope, const Ref<BindingBody>& place, const FieldFacts& field) {
    auto header = EnvelopeHeader::read(envelope);
    if (!header) return header.error();
    if (header->format != Format::bound) return Errc::not_bound;
    if (envelope.size() > largest_value + 256) return Errc::too_large;
    if (field.revision(header->revision) == nullptr) return Error{Errc::unknown_revision, field.name, header->revision};
    BasicCell fresh;
    fresh.state_ = CellState::bound;
    fresh.copy_envelope(envelope);
    if (fresh.state_ == CellState::failed) return fresh.reason_;
    fresh.binding_ = place;
    fresh.field_ = &field;
    swap(fresh);
    return {};
  }

  /// The declaration a bound envelope was sealed under; null for other states.
  [[nodiscard]] const Revision* sealed_under() const noexcept {
    if (state_ != CellState::bound || field_ == nullptr || size_ < EnvelopeHeader::size) return nullptr;
    return field_->revision(std::to_integer<std::uint8_t>(data_[2]));
  }

  /// Swaps the binding of a bound cell for an equal one of the same place, for instance of a newer load.
  void share_binding(const Ref<BindingBody>& place) noexcept { binding_ = place; }

 private:
  void copy_envelope(ByteView from) noexcept {
    data_ = new (std::nothrow) std::byte[from.size()];
    if (data_ == nullptr) {
      fail(Errc::no_memory);
      return;
    }
    size_ = static_cast<std::uint32_t>(from.size());
    std::memcpy(data_, from.data(), from.size());
  }

  /// Room for header, nonce, ciphertext and tag, with the header written and the nonce drawn.
  [[nodiscard]] Result<void> prepare(const EnvelopeHeader& header, std::size_t plain, bool from_kernel) {
    if (plain > largest_value) return Errc::too_large;
    const SuiteFacts suite = suite_facts(header.suite);
    const std::size_t total = EnvelopeHeader::size + suite.overhead() + plain;
    data_ = new (std::nothrow) std::byte[total];
    if (data_ == nullptr) return Errc::no_memory;
    size_ = static_cast<std::uint32_t>(total);
    header.write(data_);
    if (!draw_nonce({data_ + EnvelopeHeader::size, suite.nonce_size}, from_kernel)) return Errc::no_randomness;
    return {};
  }

  Result<void> transient_into(ByteView plain, const TypeFacts& type, Ref<BindingBody> provenance) {
    const ProcessKey* key = process_keys().current();
    if (key == nullptr) return Errc::no_randomness;
    const EnvelopeHeader header{Format::transient, SuiteId::xchacha20_poly1305, 0, key->number};
    if (auto ready = prepare(header, plain.size(), false); !ready) return ready;
    AadBuffer aad;
    transient_aad(aad, type, provenance.get());
    XChaCha20Poly1305::seal(data_ + EnvelopeHeader::size + XChaCha20Poly1305::nonce_size, plain, aad.view(),
                            data_ + EnvelopeHeader::size, key->key);
    state_ = provenance ? CellState::derived : CellState::transient;
    binding_ = std::move(provenance);
    return {};
  }

  Result<void> bound_into(ByteView plain, const Ref<BindingBody>& place, const FieldFacts& field) {
    if (!place || !place->key) return Errc::not_bound;
    ContentKey& content = *place->key;
    const EnvelopeHeader header{Format::bound, content.suite(), field.revision_count, content.generation()};
    auto key = content.field_key(content.suite(), place->record->number, field.number);
    if (!key) return key.error();
    if (auto spent = content.spend(place->core->store()); !spent) return spent;
    const TypeFacts& type = field.today().type;
    if (auto ready = prepare(header, plain.size(), type.policy.level >= Level::grade4); !ready) return ready;
    AadBuffer aad;
    bound_aad(aad, *place, field, type.policy);
    const SuiteFacts suite = suite_facts(header.suite);
    if (!suite_seal(header.suite, data_ + EnvelopeHeader::size + suite.nonce_size, plain, aad.view(),
                    data_ + EnvelopeHeader::size, **key)) {
      return Errc::suite_unavailable;
    }
    state_ = CellState::bound;
    binding_ = place;
    field_ = &field;
    return {};
  }

  [[nodiscard]] Result<WipedBytes> open_transient(const TypeFacts& type) const {
    auto header = EnvelopeHeader::read(envelope());
    if (!header) return header.error();
    if (header->format != Format::transient) return Errc::malformed;
    const ProcessKey* key = process_keys().find(header->generation);
    if (key == nullptr) return Errc::foreign_module;
    AadBuffer aad;
    transient_aad(aad, type, binding_.get());
    WipedBytes plain(plain_size());
    const std::byte* nonce = data_ + EnvelopeHeader::size;
    const ByteView sealed = envelope().subspan(EnvelopeHeader::size + XChaCha20Poly1305::nonce_size);
    if (!XChaCha20Poly1305::open(plain.data(), sealed, aad.view(), nonce, key->key)) return Errc::tampered;
    return plain;
  }

  [[nodiscard]] Result<WipedBytes> open_bound() const {
    auto header = EnvelopeHeader::read(envelope());
    if (!header) return header.error();
    const Revision* declared = sealed_under();
    if (declared == nullptr) return Errc::unknown_revision;
    auto content = generation_key(header->generation);
    if (!content) return content.error();
    auto key = (*content)->field_key(header->suite, binding_->record->number, field_->number);
    if (!key) return key.error();
    AadBuffer aad;
    bound_aad(aad, *binding_, *field_, declared->type.policy);
    WipedBytes plain(plain_size());
    const SuiteFacts suite = suite_facts(header->suite);
    const ByteView sealed = envelope().subspan(EnvelopeHeader::size + suite.nonce_size);
    if (!suite_open(header->suite, plain.data(), sealed, aad.view(), data_ + EnvelopeHeader::size, **key)) {
      return Errc::tampered;
    }
    return plain;
  }

  /// One key is selected by handle and generation; there is no trial decryption.
  [[nodiscard]] Result<Ref<ContentKey>> generation_key(std::uint32_t generation) const {
    if (binding_->key && binding_->key->generation() == generation) return binding_->key;
    if (generation == 0) return Errc::unknown_key;
    if (binding_->group.is_zero()) return binding_->core->key_of(binding_->owners.front()->handle(), generation);
    return binding_->core->conversation_key(binding_->group, generation);
  }

  void transient_aad(AadBuffer& aad, const TypeFacts& type, const BindingBody* provenance) const {
    aad.raw("custody:t1", 10).raw(data_, EnvelopeHeader::size).number(type.codec);
    aad.raw(type.policy.bound, type.policy.bound_size);
    if (provenance != nullptr) aad.raw(provenance->place.data(), provenance->place.size());
  }

  void bound_aad(AadBuffer& aad, const BindingBody& place, const FieldFacts& field, const PolicyFacts& policy) const {
    aad.raw("custody:b1", 10).raw(data_, EnvelopeHeader::size).number(field.number);
    aad.raw(policy.bound, policy.bound_size);
    if (policy.level >= Level::grade4) aad.number(place.version);
    aad.raw(place.place.data(), place.place.size());
  }

  [[maybe_unused]] const std::uint8_t lead_ = 0;  ///< stays zero
  CellState state_ = CellState::unset;
  Errc reason_ = Errc::unset;
  std::uint32_t size_ = 0;
  std::byte* data_ = nullptr;
  Ref<BindingBody> binding_;
  const FieldFacts* field_ = nullptr;
};

using Cell = BasicCell<void>;

}  // namespace custody::inline v0::detail
