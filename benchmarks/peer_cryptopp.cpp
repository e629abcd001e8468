// SPDX-License-Identifier: Apache-2.0
#include <cryptopp/aes.h>
#include <cryptopp/chachapoly.h>
#include <cryptopp/cryptlib.h>
#include <cryptopp/gcm.h>
#include <cryptopp/osrng.h>

#include "bench.hpp"

namespace {

/// Crypto++ with the key kept; each message gives its nonce.
template <class Scheme, bench::Algorithm Which>
class Kept {
 public:
  static constexpr bench::Algorithm algorithm = Which;
  Kept() {
    const unsigned char nonce[bench::nonce_size(Which)]{};
    sealing_.SetKeyWithIV(bench::key(), 32, nonce, sizeof nonce);
    opening_.SetKeyWithIV(bench::key(), 32, nonce, sizeof nonce);
  }
  bool seal(unsigned char* out, const unsigned char* plain, std::size_t size, const unsigned char* nonce) {
    const bench::View aad = bench::associated_data();
    sealing_.EncryptAndAuthenticate(out, out + size, 16, nonce, bench::nonce_size(Which), aad.data(), aad.size(), plain,
                                    size);
    return true;
  }
  bool open(unsigned char* out, const unsigned char* sealed, std::size_t size, const unsigned char* nonce) {
    const bench::View aad = bench::associated_data();
    return opening_.DecryptAndVerify(out, sealed + size, 16, nonce, bench::nonce_size(Which), aad.data(), aad.size(),
                                     sealed, size);
  }
  bool draw(unsigned char* nonce) {
    random_.GenerateBlock(nonce, bench::nonce_size(Which));
    return true;
  }

 private:
  typename Scheme::Encryption sealing_;
  typename Scheme::Decryption opening_;
  CryptoPP::AutoSeededRandomPool random_;
};

}  // namespace

void bench::add_cryptopp() {
  const int version = CryptoPP::LibraryVersion();
  benchmark::AddCustomContext("Crypto++", std::to_string(version / 100) + "." + std::to_string(version / 10 % 10) +
                                              "." + std::to_string(version % 10));
  using Aes = Kept<CryptoPP::GCM<CryptoPP::AES>, Algorithm::aes256_gcm>;
  using XChaCha = Kept<CryptoPP::XChaCha20Poly1305, Algorithm::xchacha20_poly1305>;
  add_given<Aes>("Crypto++ AES-256-GCM");
  add_given<XChaCha>("Crypto++ XChaCha20-Poly1305");
  add_own<Aes>("Crypto++ AES-256-GCM");
  add_own<XChaCha>("Crypto++ XChaCha20-Poly1305");
}
