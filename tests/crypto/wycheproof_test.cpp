// SPDX-License-Identifier: Apache-2.0
// The full published vector sets, from the directory that CUSTODY_TEST_DATA names.
#include <cstdlib>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/signature.hpp>
#include <custody/crypto/suite.hpp>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;
using test::hex;
using test::unhex;

namespace {

std::string data_path(const std::string& file) {
  const char* const folder = std::getenv("CUSTODY_TEST_DATA");
  return folder == nullptr || *folder == '\0' ? std::string() : std::string(folder) + "/" + file;
}

struct Tally {
  int valid = 0;
  int invalid = 0;
  int skipped = 0;
};

template <class Suite>
Tally run_aead(const std::string& path) {
  Tally tally;
  std::ifstream in(path);
  REQUIRE(in);
  const auto all = nlohmann::json::parse(in);
  for (const auto& group : all["testGroups"]) {
    for (const auto& one : group["tests"]) {
      const Bytes nonce = unhex(one["iv"].get<std::string>());
      const Bytes raw_key = unhex(one["key"].get<std::string>());
      if (nonce.size() != Suite::nonce_size || raw_key.size() != 32) {  // sizes that our types cannot express
        ++tally.skipped;
        continue;
      }
      CAPTURE(one["tcId"].get<int>());
      const auto key = CipherKey<Suite>::from(std::move(*SecretKey::copy_of(raw_key)));
      REQUIRE(key);
      const Bytes aad = unhex(one["aad"].get<std::string>());
      const Bytes plain = unhex(one["msg"].get<std::string>());
      const Bytes sealed = unhex(one["ct"].get<std::string>() + one["tag"].get<std::string>());
      const bool valid = one["result"] == "valid";
      Bytes out(plain.size());
      const bool opened = Suite::open(out.data(), sealed, aad, nonce.data(), *key);
      REQUIRE(opened == valid);
      (valid ? tally.valid : tally.invalid) += 1;
      if (!valid) continue;
      REQUIRE(out == plain);
      Bytes again(plain.size() + Suite::tag_size);
      Suite::seal(again.data(), plain, aad, nonce.data(), *key);
      REQUIRE(again == sealed);
    }
  }
  return tally;
}

}  // namespace

TEST_CASE("Wycheproof: XChaCha20-Poly1305", "[wycheproof]") {
  const auto path = data_path("wycheproof/xchacha20_poly1305_test.json");
  if (path.empty()) return;
  const Tally tally = run_aead<XChaCha20Poly1305>(path);
  CHECK(tally.valid == 246);
  CHECK(tally.invalid + tally.skipped == 69);
  CHECK(tally.invalid > 50);
}

TEST_CASE("Wycheproof: AES-256-GCM", "[wycheproof]") {
  const auto path = data_path("wycheproof/aes_gcm_test.json");
  if (path.empty() || !Aes256Gcm::available()) return;
  const Tally tally = run_aead<Aes256Gcm>(path);
  CHECK(tally.valid > 30);
  CHECK(tally.invalid > 15);
}

TEST_CASE("Wycheproof: Ed25519", "[wycheproof]") {
  const auto path = data_path("wycheproof/ed25519_test.json");
  if (path.empty()) return;
  std::ifstream in(path);
  int seen = 0;
  const auto all = nlohmann::json::parse(in);
  for (const auto& group : all["testGroups"]) {
    const Bytes key = unhex(group["publicKey"]["pk"].get<std::string>());
    for (const auto& one : group["tests"]) {
      CAPTURE(one["tcId"].get<int>());
      const bool good =
          verify_signature(unhex(one["msg"].get<std::string>()), unhex(one["sig"].get<std::string>()), key);
      REQUIRE(good == (one["result"] == "valid"));
      ++seen;
    }
  }
  CHECK(seen == 151);
}

TEST_CASE("Known answers: BLAKE2b-512, keyed and unkeyed", "[wycheproof]") {
  const auto path = data_path("kat/blake2b-kat.jsonl");
  if (path.empty()) return;
  std::ifstream in(path);
  int seen = 0;
  for (std::string line; std::getline(in, line);) {
    const auto one = nlohmann::json::parse(line);
    const Bytes message = unhex(one["in"].get<std::string>());
    const Bytes key = unhex(one["key"].get<std::string>());
    const ByteView view = message;
    REQUIRE(hex(blake2b<64>({view}, key)) == one["out"].get<std::string>());
    REQUIRE(hex(blake2b<64>({view.first(view.size() / 2), view.subspan(view.size() / 2)}, key)) ==
            one["out"].get<std::string>());
    ++seen;
  }
  CHECK(seen >= 256);
}

TEST_CASE("Known answers: HChaCha20", "[wycheproof]") {
  const auto path = data_path("kat/hchacha20.jsonl");
  if (path.empty()) return;
  std::ifstream in(path);
  int seen = 0;
  for (std::string line; std::getline(in, line);) {
    const auto one = nlohmann::json::parse(line);
    Bytes out(32);
    const Bytes input = unhex(one["in"].get<std::string>());
    const Bytes key = unhex(one["key"].get<std::string>());
    crypto_core_hchacha20(detail::raw_bytes(out.data()), detail::raw_bytes(input.data()), detail::raw_bytes(key.data()),
                          nullptr);
    REQUIRE(hex(out) == one["out"].get<std::string>());
    ++seen;
  }
  CHECK(seen > 5);
}
