// SPDX-License-Identifier: Apache-2.0
// The full published vector sets, through the library's own functions, from the directory that CUSTODY_TEST_DATA names.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/signature.hpp>
#include <custody/crypto/suite.hpp>

#include "crypto/chacha.hpp"
#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;
using test::hex;
using test::unhex;

namespace {

/// The path of a vector file; empty where the folder is not there, which is said so that ctest reports the case skipped.
std::string data_path(const std::string& folder, const std::string& file, int cases) {
  const char* const data = std::getenv("CUSTODY_TEST_DATA");
  const std::string place = data == nullptr || *data == '\0' ? std::string() : std::string(data) + "/" + folder;
  if (!place.empty() && std::filesystem::is_directory(place)) return place + "/" + file;
  std::printf("custody: not run: %d cases of %s, CUSTODY_TEST_DATA names no such folder\n", cases, file.c_str());
  return {};
}

/// How many cases agreed, and how many are of a size that our types cannot express.
struct Tally {
  int valid = 0;
  int invalid = 0;
  int other_size = 0;
  int other_valid = 0;  ///< of these
  [[nodiscard]] int all() const { return valid + invalid + other_size; }
  void print(const char* name) const {
    std::printf("custody: %s: %d valid and %d invalid cases agree, %d of other sizes\n", name, valid, invalid,
                other_size);
  }
};

struct Case {
  Bytes nonce, key, aad, plain, sealed;
  bool valid;
};

/// Cases whose nonce or key is of another size: no call of ours can express them.
template <std::size_t NonceSize, class Run>
Tally each_aead(const std::string& path, std::size_t key_bits, Run run) {
  Tally tally;
  std::ifstream in(path);
  REQUIRE(in);
  const auto all = nlohmann::json::parse(in);
  for (const auto& group : all["testGroups"]) {
    if (group["keySize"] != key_bits) continue;
    REQUIRE(group["tagSize"] == 128);
    for (const auto& one : group["tests"]) {
      const auto bytes = [&](const char* name) { return unhex(one[name].get<std::string>()); };
      const Case now{bytes("iv"),
                     bytes("key"),
                     bytes("aad"),
                     bytes("msg"),
                     unhex(one["ct"].get<std::string>() + one["tag"].get<std::string>()),
                     one["result"] == "valid"};
      CAPTURE(one["tcId"].get<int>());
      if (now.nonce.size() != NonceSize) {
        ++tally.other_size;
        tally.other_valid += now.valid ? 1 : 0;
        continue;
      }
      REQUIRE(now.sealed.size() == now.plain.size() + 16);
      run(now);
      (now.valid ? tally.valid : tally.invalid) += 1;
    }
  }
  return tally;
}

/// Seals and opens through a suite's type, beside and in place.
template <class Suite>
void agree(const Case& now) {
  const auto key = CipherKey<Suite>::from(std::move(*SecretKey::copy_of(now.key)));
  REQUIRE(key);
  Bytes out(now.sealed.size() < 16 ? 0 : now.sealed.size() - 16);  // what an opening may write
  REQUIRE(Suite::open(out.data(), now.sealed, now.aad, now.nonce.data(), *key) == now.valid);
  if (now.valid) REQUIRE(out == now.plain);
  Bytes in_place = now.sealed;
  REQUIRE(Suite::open(in_place.data(), in_place, now.aad, now.nonce.data(), *key) == now.valid);
  if (!now.valid) return;
  in_place.resize(now.plain.size());
  REQUIRE(in_place == now.plain);
  Bytes sealed(now.sealed.size());
  Suite::seal(sealed.data(), now.plain, now.aad, now.nonce.data(), *key);
  REQUIRE(sealed == now.sealed);
}

/// BLAKE2b to as many bytes as a vector has.
template <std::size_t... Sizes>
std::string blake2b_of(std::size_t size, ByteView message, ByteView key, std::index_sequence<Sizes...>) {
  std::string out;
  (void)((size == Sizes + 16 && (out = hex(blake2b<Sizes + 16>({message}, key)), true)) || ...);
  return out;
}

}  // namespace

TEST_CASE("Wycheproof: XChaCha20-Poly1305", "[wycheproof]") {
  const auto path = data_path("wycheproof", "xchacha20_poly1305_test.json", 315);
  if (path.empty()) return;
  const Tally tally = each_aead<24>(path, 256, [](const Case& now) { agree<XChaCha20Poly1305>(now); });
  tally.print("XChaCha20-Poly1305");
  CHECK(tally.valid == 246);
  CHECK(tally.invalid == 60);
  CHECK(tally.all() == 315);
  CHECK(tally.other_valid == 0);
}

TEST_CASE("Wycheproof: ChaCha20-Poly1305", "[wycheproof]") {
  const auto path = data_path("wycheproof", "chacha20_poly1305_test.json", 325);
  if (path.empty()) return;
  const Tally tally = each_aead<12>(path, 256, [](const Case& now) {
    Bytes out(now.sealed.size() < 16 ? 0 : now.sealed.size() - 16);  // what an opening may write
    REQUIRE(test::chacha_open(out, now.sealed, now.aad, now.nonce, now.key) == now.valid);
    if (!now.valid) return;
    REQUIRE(out == now.plain);
    Bytes sealed(now.sealed.size());
    test::chacha_seal(sealed, now.plain, now.aad, now.nonce, now.key);
    REQUIRE(sealed == now.sealed);
  });
  tally.print("ChaCha20-Poly1305");
  CHECK(tally.valid == 256);
  CHECK(tally.invalid == 60);
  CHECK(tally.all() == 325);
  CHECK(tally.other_valid == 0);
}

TEST_CASE("Wycheproof: AES-256-GCM", "[wycheproof]") {
  const auto path = data_path("wycheproof", "aes_gcm_test.json", 66);
  if (path.empty()) return;
  if (!Aes256Gcm::available()) {
    std::printf("custody: not run: 66 cases of AES-256-GCM, this machine has no instructions for it\n");
    return;
  }
  const Tally tally = each_aead<12>(path, 256, [](const Case& now) { agree<Aes256Gcm>(now); });
  tally.print("AES-256-GCM");
  CHECK(tally.valid == 39);
  CHECK(tally.invalid == 27);
}

TEST_CASE("Wycheproof: Ed25519", "[wycheproof]") {
  const auto path = data_path("wycheproof", "ed25519_test.json", 151);
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
  std::printf("custody: Ed25519: %d cases agree\n", seen);
  CHECK(seen == 151);
}

TEST_CASE("Known answers: BLAKE2b-512, keyed and unkeyed", "[wycheproof]") {
  const auto path = data_path("kat", "blake2b-kat.jsonl", 512);
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
  std::printf("custody: BLAKE2b-512: %d cases agree\n", seen);
  CHECK(seen == 512);
}

TEST_CASE("Known answers: keyed BLAKE2b of 16 to 64 bytes", "[wycheproof]") {
  const auto path = data_path("kat", "blake2b-varlen.jsonl", 49);
  if (path.empty()) return;
  std::ifstream in(path);
  int seen = 0;
  for (std::string line; std::getline(in, line);) {
    const auto one = nlohmann::json::parse(line);
    const auto out = one["out"].get<std::string>();
    if (one["salt"] != "" || one["personal"] != "" || out.size() < 32) continue;  // which our call cannot express
    REQUIRE(blake2b_of(out.size() / 2, unhex(one["in"].get<std::string>()), unhex(one["key"].get<std::string>()),
                       std::make_index_sequence<49>()) == out);
    ++seen;
  }
  std::printf("custody: BLAKE2b of 16 to 64 bytes: %d cases agree\n", seen);
  CHECK(seen == 49);
}

TEST_CASE("Known answers: HChaCha20", "[wycheproof]") {
  const auto path = data_path("kat", "hchacha20.jsonl", 10);
  if (path.empty()) return;
  std::ifstream in(path);
  int seen = 0;
  for (std::string line; std::getline(in, line);) {
    const auto one = nlohmann::json::parse(line);
    const auto out = test::hchacha(unhex(one["in"].get<std::string>()), unhex(one["key"].get<std::string>()));
    REQUIRE(hex(out) == one["out"].get<std::string>());
    ++seen;
  }
  std::printf("custody: HChaCha20: %d cases agree\n", seen);
  CHECK(seen == 10);
}
