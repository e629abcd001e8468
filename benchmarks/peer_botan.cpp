// SPDX-License-Identifier: Apache-2.0
#include <botan/aead.h>
#include <botan/system_rng.h>
#include <botan/version.h>

#include "bench.hpp"

namespace {

constexpr const char* name_of(bench::Algorithm algorithm) noexcept {
  switch (algorithm) {
    case bench::Algorithm::aes256_gcm: return "AES-256/GCM";
    case bench::Algorithm::sm4_gcm: return "SM4/GCM";
    default: return "ChaCha20Poly1305";  // XChaCha20 by the length of the nonce
  }
}

/// Botan's modes with the key kept. They work in place in a secure_vector: what goes in and out is copied, and with
/// `Fresh` the vector is a new one for each message, as users of the mode have it.
template <bench::Algorithm Which, bool Fresh>
class Mode {
 public:
  static constexpr bench::Algorithm algorithm = Which;
  Mode()
      : sealing_(Botan::AEAD_Mode::create_or_throw(name_of(Which), Botan::ENCRYPTION)),
        opening_(Botan::AEAD_Mode::create_or_throw(name_of(Which), Botan::DECRYPTION)) {
    constexpr std::size_t key_size = Which == bench::Algorithm::sm4_gcm ? 16 : 32;
    sealing_->set_key(bench::key(), key_size);
    opening_->set_key(bench::key(), key_size);
  }

  bool seal(unsigned char* out, const unsigned char* plain, std::size_t size, const unsigned char* nonce) {
    return pass(*sealing_, out, plain, size, nonce);
  }
  bool open(unsigned char* out, const unsigned char* sealed, std::size_t size, const unsigned char* nonce) try {
    return pass(*opening_, out, sealed, size + bench::tag_size(Which), nonce);
  } catch (const Botan::Invalid_Authentication_Tag&) {
    return false;
  }
  bool draw(unsigned char* nonce) {
    Botan::system_rng().randomize(nonce, bench::nonce_size(Which));  // AutoSeeded_RNG takes much longer
    return true;
  }

 private:
  bool pass(Botan::AEAD_Mode& mode, unsigned char* out, const unsigned char* in, std::size_t size,
            const unsigned char* nonce) {
    Botan::secure_vector<unsigned char> fresh;
    Botan::secure_vector<unsigned char>& buffer = Fresh ? fresh : kept_;
    const bench::View aad = bench::associated_data();
    mode.set_associated_data(aad.data(), aad.size());
    mode.start(nonce, bench::nonce_size(Which));
    buffer.assign(in, in + size);
    mode.finish(buffer);
    std::memcpy(out, buffer.data(), buffer.size());
    return true;
  }
  std::unique_ptr<Botan::AEAD_Mode> sealing_, opening_;
  Botan::secure_vector<unsigned char> kept_;
};

template <bench::Algorithm Which>
void add_mode(const char* who) {
  bench::add_given<Mode<Which, false>>(who);
  bench::add_own<Mode<Which, true>>(who);
}

}  // namespace

void bench::add_botan() {
  benchmark::AddCustomContext("Botan", Botan::short_version_string());
  add_mode<Algorithm::aes256_gcm>("Botan AES-256-GCM");
  add_mode<Algorithm::xchacha20_poly1305>("Botan XChaCha20-Poly1305");
  add_mode<Algorithm::sm4_gcm>("Botan SM4-GCM");
}
