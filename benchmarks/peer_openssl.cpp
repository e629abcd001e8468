// SPDX-License-Identifier: Apache-2.0
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "bench.hpp"

namespace {

constexpr int text_limit = 1 << 30;

template <bench::Algorithm Which>
const EVP_CIPHER* cipher_of() noexcept {
  return Which == bench::Algorithm::aes256_gcm ? EVP_aes_256_gcm() : EVP_chacha20_poly1305();
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

/// EVP with one context for each direction that keeps the expanded key, or with a new context for each message.
template <bench::Algorithm Which, bool Kept>
class Evp {
 public:
  static constexpr bench::Algorithm algorithm = Which;

  bool seal(unsigned char* out, const unsigned char* plain, std::size_t size, const unsigned char* nonce) {
    EVP_CIPHER_CTX* const context = begin(sealing_, true, nonce);
    int written = 0;
    const bench::View aad = bench::associated_data();
    return size < text_limit && context != nullptr &&
           EVP_EncryptUpdate(context, nullptr, &written, aad.data(), static_cast<int>(aad.size())) == 1 &&
           EVP_EncryptUpdate(context, out, &written, plain, static_cast<int>(size)) == 1 &&
           EVP_EncryptFinal_ex(context, out + written, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, out + size) == 1;
  }
  bool open(unsigned char* out, const unsigned char* sealed, std::size_t size, const unsigned char* nonce) {
    EVP_CIPHER_CTX* const context = begin(opening_, false, nonce);
    int written = 0;
    unsigned char tag[16];
    std::memcpy(tag, sealed + size, sizeof tag);
    const bench::View aad = bench::associated_data();
    return size < text_limit && context != nullptr &&
           EVP_DecryptUpdate(context, nullptr, &written, aad.data(), static_cast<int>(aad.size())) == 1 &&
           EVP_DecryptUpdate(context, out, &written, sealed, static_cast<int>(size)) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1 &&
           EVP_DecryptFinal_ex(context, out + written, &written) == 1;
  }
  bool draw(unsigned char* nonce) { return RAND_bytes(nonce, bench::nonce_size(Which)) == 1; }

 private:
  /// Null when OpenSSL does not want to.
  static EVP_CIPHER_CTX* begin(Context& context, bool seals, const unsigned char* nonce) {
    const bool fresh = !Kept || context == nullptr;
    if (fresh) context.reset(EVP_CIPHER_CTX_new());
    const EVP_CIPHER* const cipher = fresh ? cipher_of<Which>() : nullptr;
    const unsigned char* const key = fresh ? bench::key() : nullptr;
    const bool good = EVP_CipherInit_ex(context.get(), cipher, nullptr, key, nonce, seals ? 1 : 0) == 1;
    return good ? context.get() : nullptr;
  }
  Context sealing_, opening_;
};

}  // namespace

void bench::add_openssl() {
  benchmark::AddCustomContext("OpenSSL", OpenSSL_version(OPENSSL_VERSION));
  add_given<Evp<Algorithm::aes256_gcm, true>>("OpenSSL AES-256-GCM, context kept");
  add_given<Evp<Algorithm::aes256_gcm, false>>("OpenSSL AES-256-GCM, new context");
  add_given<Evp<Algorithm::chacha20_poly1305_ietf, true>>("OpenSSL ChaCha20-Poly1305, context kept");
  add_given<Evp<Algorithm::chacha20_poly1305_ietf, false>>("OpenSSL ChaCha20-Poly1305, new context");
  add_own<Evp<Algorithm::aes256_gcm, false>>("OpenSSL AES-256-GCM");
  add_own<Evp<Algorithm::chacha20_poly1305_ietf, false>>("OpenSSL ChaCha20-Poly1305");
}
