// SPDX-License-Identifier: Apache-2.0
// Seal and open by suite and size: through custody's suites and fields, by libsodium's bare calls, and by what other
// libraries offer, on the same bytes and the same associated data in one run. Every line is checked before it is timed:
// same algorithms give the same bytes, and a field is opened by libsodium by hand.
#include <sodium.h>

#include "bench.hpp"
#include "world.hpp"

namespace {

using bench::Algorithm;
using bench::View;
using XChaCha = custody::XChaCha20Poly1305;
using Gcm = custody::Aes256Gcm;

const unsigned char* raw(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }
custody::ByteView view(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(bytes), size};
}

/// What an envelope of a field in a row is bound to, written down by hand from the format.
template <auto Member>
bench::Bytes bound_data(const custody::Binding& place, View envelope) {
  const auto& body = *custody::BindingOffice::body(place);
  const auto& field = custody::detail::FieldPlace<Member>::facts;
  const auto& policy = field.today().type.policy;
  bench::Bytes out;
  const auto append = [&out](const auto* from, std::size_t size) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(from);
    out.insert(out.end(), bytes, bytes + size);
  };
  append("custody:b1", 10);
  append(envelope.data(), custody::EnvelopeHeader::size);
  out.push_back(static_cast<unsigned char>(field.number & 0xffU));
  out.push_back(static_cast<unsigned char>(field.number >> 8U));
  append(policy.bound, policy.bound_size);
  append(body.place.data(), body.place.size());
  return out;
}

using Encrypt = decltype(&crypto_aead_xchacha20poly1305_ietf_encrypt);
using Decrypt = decltype(&crypto_aead_xchacha20poly1305_ietf_decrypt);
template <Algorithm Which>
constexpr Encrypt encrypt = nullptr;
template <Algorithm Which>
constexpr Decrypt decrypt = nullptr;
template <>
constexpr Encrypt encrypt<Algorithm::xchacha20_poly1305> = crypto_aead_xchacha20poly1305_ietf_encrypt;
template <>
constexpr Decrypt decrypt<Algorithm::xchacha20_poly1305> = crypto_aead_xchacha20poly1305_ietf_decrypt;
template <>
constexpr Encrypt encrypt<Algorithm::chacha20_poly1305_ietf> = crypto_aead_chacha20poly1305_ietf_encrypt;
template <>
constexpr Decrypt decrypt<Algorithm::chacha20_poly1305_ietf> = crypto_aead_chacha20poly1305_ietf_decrypt;
template <>
constexpr Encrypt encrypt<Algorithm::aes256_gcm> = crypto_aead_aes256gcm_encrypt;
template <>
constexpr Decrypt decrypt<Algorithm::aes256_gcm> = crypto_aead_aes256gcm_decrypt;
#if __has_include(<sodium/crypto_aead_aegis256.h>)
template <>
constexpr Encrypt encrypt<Algorithm::aegis256> = crypto_aead_aegis256_encrypt;
template <>
constexpr Decrypt decrypt<Algorithm::aegis256> = crypto_aead_aegis256_decrypt;
#endif

/// libsodium's calls. `Kept` expands a key once, where that can be done.
template <Algorithm Which, bool Kept = true>
class Sodium {
 public:
  static constexpr Algorithm algorithm = Which;
  Sodium() {
    if constexpr (expanded) crypto_aead_aes256gcm_beforenm(&state_, bench::key());
  }
  bool seal(unsigned char* out, const unsigned char* plain, std::size_t size, const unsigned char* nonce) {
    const View aad = bench::associated_data();
    if constexpr (expanded)
      return crypto_aead_aes256gcm_encrypt_afternm(out, nullptr, plain, size, aad.data(), aad.size(), nullptr, nonce,
                                                   &state_) == 0;
    else
      return encrypt<Which>(out, nullptr, plain, size, aad.data(), aad.size(), nullptr, nonce, bench::key()) == 0;
  }
  bool open(unsigned char* out, const unsigned char* sealed, std::size_t size, const unsigned char* nonce) {
    const View aad = bench::associated_data();
    const std::size_t length = size + bench::tag_size(Which);
    if constexpr (expanded)
      return crypto_aead_aes256gcm_decrypt_afternm(out, nullptr, nullptr, sealed, length, aad.data(), aad.size(), nonce,
                                                   &state_) == 0;
    else
      return decrypt<Which>(out, nullptr, nullptr, sealed, length, aad.data(), aad.size(), nonce, bench::key()) == 0;
  }
  bool draw(unsigned char* nonce) {
    randombytes_buf(nonce, bench::nonce_size(Which));
    return true;
  }

 private:
  static constexpr bool expanded = Which == Algorithm::aes256_gcm && Kept;
  struct Nothing {};
  std::conditional_t<expanded, crypto_aead_aes256gcm_state, Nothing> state_;
};

/// custody's suite with a key made ready: what stands under every field.
template <class Suite, Algorithm Which>
class SuiteCipher {
 public:
  static constexpr Algorithm algorithm = Which;
  SuiteCipher()
      : key_(std::move(*custody::CipherKey<Suite>::from(
            std::move(*custody::SecretKey::copy_of(view(bench::key(), custody::SecretKey::size)))))) {}
  bool seal(unsigned char* out, const unsigned char* plain, std::size_t size, const unsigned char* nonce) {
    Suite::seal(reinterpret_cast<std::byte*>(out), view(plain, size), aad(), view(nonce, 0).data(), key_);
    return true;
  }
  bool open(unsigned char* out, const unsigned char* sealed, std::size_t size, const unsigned char* nonce) {
    return Suite::open(reinterpret_cast<std::byte*>(out), view(sealed, size + Suite::tag_size), aad(),
                       view(nonce, 0).data(), key_);
  }
  bool draw(unsigned char* nonce) {
    return custody::draw_nonce({reinterpret_cast<std::byte*>(nonce), Suite::nonce_size});
  }

 private:
  static custody::ByteView aad() { return view(bench::associated_data().data(), bench::associated_data().size()); }
  custody::CipherKey<Suite> key_;
};

std::string text_of(const benchmark::State& state) {
  return std::string(static_cast<std::size_t>(state.range(0)), 'm');
}

/// Why a sealed field is not what libsodium opens by hand under the row's own associated data, or null.
template <class Suite, Algorithm Which>
const char* field_fault(const std::string& text) {
  auto& world = bench::World<Suite>::instance();
  auto field = custody::seal_for<&bench::Row::text>(world.row, text);
  if (!field) return "seal_for failed";
  bench::Compare compare(text);
  if (!field->release(world.permit, compare) || !compare.same) return "release shows another text";
  const auto blob = custody::at_rest::blob(*field);
  if (!blob || blob->size() != custody::sealed_size<Suite>(text.size())) return "envelope of another size";
  const View envelope(raw(blob->data()), blob->size());
  const auto& content = custody::BindingOffice::body(world.row)->key;
  const auto key = content->field_key(Suite::id, 1, 1);  // the numbers that Row declares
  if (!key) return "no key";
  const bench::Bytes aad = bound_data<&bench::Row::text>(world.row, envelope);
  if (aad.size() != bench::associated_data().size()) return "other lines bind as many bytes as fields do no longer";
  bench::Bytes opened(text.size());
  const View nonce = envelope.subspan(custody::EnvelopeHeader::size, Suite::nonce_size);
  const View sealed = envelope.subspan(custody::EnvelopeHeader::size + Suite::nonce_size);
  if (decrypt<Which>(opened.data(), nullptr, nullptr, sealed.data(), sealed.size(), aad.data(), aad.size(),
                     nonce.data(), raw((*key)->secret().data())) != 0)
    return "libsodium does not open it";
  return std::equal(opened.begin(), opened.end(), text.begin()) ? nullptr : "libsodium opens another text";
}

template <class Suite, Algorithm Which>
void field_seal(benchmark::State& state) {
  const std::string text = text_of(state);
  if (const char* why = field_fault<Suite, Which>(text); why != nullptr) state.SkipWithError(why);
  bool good = true;
  for (auto _ : state) {
    auto field = custody::seal_for<&bench::Row::text>(bench::World<Suite>::instance().row, text);
    good = field.has_value() && good;
    benchmark::DoNotOptimize(field);
    benchmark::ClobberMemory();
  }
  if (!good) state.SkipWithError("seal_for failed");
}
template <class Suite, Algorithm Which>
void field_open(benchmark::State& state) {
  const std::string text = text_of(state);
  auto& world = bench::World<Suite>::instance();
  if (const char* why = field_fault<Suite, Which>(text); why != nullptr) state.SkipWithError(why);
  const auto field = custody::seal_for<&bench::Row::text>(world.row, text);
  bench::Counter counter;
  for (auto _ : state) benchmark::DoNotOptimize(field->release(world.permit, counter));
  if (counter.bytes != text.size() * static_cast<std::size_t>(state.iterations()))
    state.SkipWithError("release failed");
}
/// A field's bytes in and out of buffers of the caller's, as the bare call has them: nothing is allocated.
template <class Suite, Algorithm Which>
void bytes_seal(benchmark::State& state) {
  const std::string text = text_of(state);
  if (const char* why = field_fault<Suite, Which>(text); why != nullptr) state.SkipWithError(why);
  std::vector<std::byte> out(custody::sealed_size<Suite>(text.size()));
  bool good = true;
  for (auto _ : state) {
    auto size = custody::at_rest::seal_into<&bench::Row::text>(bench::World<Suite>::instance().row, text, out);
    good = size.has_value() && good;
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  if (!good) state.SkipWithError("seal_into failed");
}
template <class Suite, Algorithm Which>
void bytes_open(benchmark::State& state) {
  const std::string text = text_of(state);
  auto& world = bench::World<Suite>::instance();
  std::vector<std::byte> out(custody::sealed_size<Suite>(text.size()));
  bench::Compare compare(text);
  if (!custody::at_rest::seal_into<&bench::Row::text>(world.row, text, out) ||
      !custody::at_rest::release<&bench::Row::text>(world.row, out, world.permit, compare) || !compare.same)
    state.SkipWithError("release shows another text");
  bench::Counter counter;
  for (auto _ : state)
    benchmark::DoNotOptimize(custody::at_rest::release<&bench::Row::text>(world.row, out, world.permit, counter));
  if (counter.bytes != text.size() * static_cast<std::size_t>(state.iterations()))
    state.SkipWithError("release failed");
}
void field_ingest(benchmark::State& state) {
  const std::string text = text_of(state);
  bool good = true;
  for (auto _ : state) {
    bench::Field field = text;
    good = good && field.has_value();
    benchmark::DoNotOptimize(field);
    benchmark::ClobberMemory();
  }
  if (!good) state.SkipWithError("ingest failed");
}
template <class Suite>
void field_bind(benchmark::State& state) {
  const bench::Field transient = text_of(state);
  bool good = true;
  for (auto _ : state) {
    bench::Field field = transient;
    good = custody::bind<&bench::Row::text>(bench::World<Suite>::instance().row, field).has_value() && good;
    benchmark::DoNotOptimize(field);
    benchmark::ClobberMemory();
  }
  if (!good) state.SkipWithError("bind failed");
}
/// What bind does, by hand: opened, wiped, sealed under a fresh nonce into a fresh buffer.
template <Algorithm Which>
void sodium_rebind(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  constexpr std::size_t nonce = bench::nonce_size(Which);
  Sodium<Which> cipher;
  bench::Message message(Which, size);
  if (const char* why = bench::fault(cipher, message); why != nullptr) state.SkipWithError(why);
  bool good = true;
  for (auto _ : state) {
    const std::unique_ptr<unsigned char[]> plain(new unsigned char[size]);
    const std::unique_ptr<unsigned char[]> out(new unsigned char[nonce + message.sealed.size()]);
    good = cipher.open(plain.get(), message.sealed.data(), size, message.nonce.data()) && cipher.draw(out.get()) &&
           cipher.seal(out.get() + nonce, plain.get(), size, out.get()) && good;
    sodium_memzero(plain.get(), size);
    benchmark::DoNotOptimize(out.get());
    benchmark::ClobberMemory();
  }
  if (!good) state.SkipWithError("rebind failed");
}

/// Adds a suite of custody's and the fields under it, beside the bare call.
template <class Suite, Algorithm Which>
void add_suite(const std::string& name) {
  using Cipher = SuiteCipher<Suite, Which>;
  bench::add_given<Cipher>("custody " + name + ", suite");
  bench::add_own<Cipher>("custody " + name + ", suite");
  bench::add_sizes("seal", "custody " + name + ", field", field_seal<Suite, Which>);
  bench::add_sizes("open", "custody " + name + ", field", field_open<Suite, Which>);
  bench::add_sizes("seal", "custody " + name + ", bytes", bytes_seal<Suite, Which>);
  bench::add_sizes("open", "custody " + name + ", bytes", bytes_open<Suite, Which>);
  bench::add_sizes("bind", "custody " + name + ", field", field_bind<Suite>);
  bench::add_sizes("bind", "libsodium " + name, sodium_rebind<Which>);
}

/// A batch of fields of one row, sealed into what is kept and opened again: a class with `seal()` and `open()`, false
/// when something fails; open() compares what it opens.
constexpr std::size_t batch_count = 100;
constexpr std::size_t batch_size = 100;

/// Loose calls of a cipher, each with its library's own random nonce, into buffers that are kept.
template <class Cipher>
class LooseBatch {
 public:
  bool seal() {
    bool good = true;
    for (bench::Message& each : messages_) {
      good = cipher_.draw(each.nonce.data()) &&
             cipher_.seal(each.sealed.data(), each.plain.data(), batch_size, each.nonce.data()) && good;
    }
    return good;
  }
  bool open() {
    bool good = true;
    for (const bench::Message& each : messages_) {
      good = cipher_.open(opened_, each.sealed.data(), batch_size, each.nonce.data()) && good;
      benchmark::DoNotOptimize(opened_);
    }
    return good && std::memcmp(opened_, messages_.back().plain.data(), batch_size) == 0;
  }

 private:
  Cipher cipher_;
  std::vector<bench::Message> messages_ =
      std::vector<bench::Message>(batch_count, bench::Message(Cipher::algorithm, batch_size));
  unsigned char opened_[batch_size]{};
};

/// Fields, one after the other.
template <class Suite>
class FieldBatch {
 public:
  bool seal() {
    bool good = true;
    for (bench::Field& each : fields_) {
      auto field = custody::seal_for<&bench::Row::text>(world_.row, text_);
      good = field.has_value() && good;
      if (field) each = std::move(*field);
    }
    return good;
  }
  bool open() {
    bench::Counter counter;
    for (const bench::Field& each : fields_) benchmark::DoNotOptimize(each.release(world_.permit, counter));
    return counter.bytes == batch_count * batch_size;
  }

 private:
  bench::World<Suite>& world_ = bench::World<Suite>::instance();
  const std::string text_ = std::string(batch_size, 'm');
  std::vector<bench::Field> fields_ = std::vector<bench::Field>(batch_count);
};

/// All in one call: rows of their own, nonces from the kernel, the evidence of sixteen releases in one entry.
template <class Suite>
class ManyBatch {
 public:
  ManyBatch() {
    for (std::size_t i = 0; i != batch_count; ++i) places_.push_back(world_.row);
  }
  bool seal() {
    const bool good = custody::seal_many<&bench::Row::text>(places_, texts_, fields_).has_value();
    if (filled_) return good;
    for (std::size_t i = 0; i != batch_count; ++i) rows_[i].text = fields_[i];
    filled_ = true;
    return good;
  }
  bool open() {
    bench::Counter counter;
    auto report = custody::release_many<&bench::Row::text>(world_.permit, std::span<const bench::Row>(rows_), counter);
    return report && counter.bytes == batch_count * batch_size;
  }

 private:
  bench::World<Suite>& world_ = bench::World<Suite>::instance();
  const std::string text_ = std::string(batch_size, 'm');
  std::vector<custody::Binding> places_;
  std::vector<std::string_view> texts_ = std::vector<std::string_view>(batch_count, text_);
  std::vector<bench::Field> fields_ = std::vector<bench::Field>(batch_count);
  std::vector<bench::Row> rows_ = std::vector<bench::Row>(batch_count);
  bool filled_ = false;
};

template <class Batch>
void add_batch(std::string_view who) {
  const std::string name(who);
  bench::add("batch_seal/" + name, [](benchmark::State& state) {
    Batch batch;
    bool good = batch.seal() && batch.open();
    for (auto _ : state) {
      good = batch.seal() && good;
      benchmark::ClobberMemory();
    }
    if (!good || !batch.open()) state.SkipWithError("batch failed");
  });
  bench::add("batch_open/" + name, [](benchmark::State& state) {
    Batch batch;
    bool good = batch.seal();
    for (auto _ : state) good = batch.open() && good;
    if (!good) state.SkipWithError("batch failed");
  });
}

bench::Bytes& bound_bytes() {
  static bench::Bytes bytes;
  return bytes;
}

}  // namespace

const unsigned char* bench::key() noexcept {
  static constexpr unsigned char bytes[32] = {3, 1, 4, 1, 5, 9, 2, 6};
  return bytes;
}
bench::View bench::associated_data() noexcept { return bound_bytes(); }

bench::Bytes bench::reference(Algorithm algorithm, View plain, const unsigned char* nonce) {
  Bytes out(plain.size() + tag_size(algorithm));
  const auto seal = [&](Encrypt function) {  // null: this libsodium does not have it
    if (function == nullptr) return Bytes{};
    const bool done = function(out.data(), nullptr, plain.data(), plain.size(), bound_bytes().data(),
                               bound_bytes().size(), nullptr, nonce, key()) == 0;
    return done ? out : Bytes{};
  };
  switch (algorithm) {
    case Algorithm::xchacha20_poly1305: return seal(encrypt<Algorithm::xchacha20_poly1305>);
    case Algorithm::chacha20_poly1305_ietf: return seal(encrypt<Algorithm::chacha20_poly1305_ietf>);
    case Algorithm::aes256_gcm: return Gcm::available() ? seal(encrypt<Algorithm::aes256_gcm>) : Bytes{};
    case Algorithm::aegis256: return seal(encrypt<Algorithm::aegis256>);
    case Algorithm::sm4_gcm: break;
  }
  return {};
}

int main(int argc, char** argv) {
  if (sodium_init() < 0) return 1;
  {
    const auto& world = bench::World<XChaCha>::instance();
    const auto field = custody::seal_for<&bench::Row::text>(world.row, std::string(1, 'm'));
    const auto blob = custody::at_rest::blob(*field);
    bound_bytes() = bound_data<&bench::Row::text>(world.row, {raw(blob->data()), blob->size()});
  }
  benchmark::AddCustomContext("associated_data", std::to_string(bound_bytes().size()));
  benchmark::AddCustomContext("libsodium", sodium_version_string());
  const bool gcm = Gcm::available();
  benchmark::AddCustomContext("aes256gcm", gcm ? "available" : "not available on this machine: lines left out");

  bench::add_given<Sodium<Algorithm::xchacha20_poly1305>>("libsodium XChaCha20-Poly1305");
  bench::add_own<Sodium<Algorithm::xchacha20_poly1305>>("libsodium XChaCha20-Poly1305");
  bench::add_given<Sodium<Algorithm::chacha20_poly1305_ietf>>("libsodium ChaCha20-Poly1305-IETF");
  if (gcm) {
    bench::add_given<Sodium<Algorithm::aes256_gcm, true>>("libsodium AES-256-GCM");
    bench::add_given<Sodium<Algorithm::aes256_gcm, false>>("libsodium AES-256-GCM, key each call");
    bench::add_own<Sodium<Algorithm::aes256_gcm, true>>("libsodium AES-256-GCM");
  }
#if __has_include(<sodium/crypto_aead_aegis256.h>)
  bench::add_given<Sodium<Algorithm::aegis256>>("libsodium AEGIS-256");
  bench::add_own<Sodium<Algorithm::aegis256>>("libsodium AEGIS-256");
  add_suite<custody::Aegis256, Algorithm::aegis256>("AEGIS-256");
#endif
  add_suite<XChaCha, Algorithm::xchacha20_poly1305>("XChaCha20-Poly1305");
  if (gcm) add_suite<Gcm, Algorithm::aes256_gcm>("AES-256-GCM");
  bench::add_sizes("ingest", "custody XChaCha20-Poly1305, field", field_ingest);

  add_batch<LooseBatch<Sodium<Algorithm::xchacha20_poly1305>>>("libsodium XChaCha20-Poly1305");
  add_batch<LooseBatch<SuiteCipher<XChaCha, Algorithm::xchacha20_poly1305>>>("custody XChaCha20-Poly1305, suite");
  add_batch<FieldBatch<XChaCha>>("custody XChaCha20-Poly1305, field");
  add_batch<ManyBatch<XChaCha>>("custody XChaCha20-Poly1305, seal_many");
  if (gcm) {
    add_batch<LooseBatch<Sodium<Algorithm::aes256_gcm>>>("libsodium AES-256-GCM");
    add_batch<FieldBatch<Gcm>>("custody AES-256-GCM, field");
  }

#if defined(CUSTODY_BENCH_OPENSSL)
  bench::add_openssl();
#endif
#if defined(CUSTODY_BENCH_BOTAN)
  bench::add_botan();
#endif
#if defined(CUSTODY_BENCH_CRYPTOPP)
  bench::add_cryptopp();
#endif
  return bench::run(argc, argv);
}
