// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <custody/crypto/base64.hpp>
#include <custody/evidence/checkpoint.hpp>
#include <custody/evidence/log_verifier.hpp>

#include "custody_catch.hpp"
#include "fakes.hpp"

using namespace evidence_test;
using custody::NoteSigner;
using custody::open_note;
using custody::read_note_key;

namespace {
// The example of the signed-note documentation (Go's sumdb/note).
const std::string peter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string enoch = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const std::string note_text =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const std::string peter_line =
    "\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const std::string enoch_line =
    "\xe2\x80\x94 EnochRoot "
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

NoteSigner peter_signer() {
  const Bytes blob = *custody::base64_decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz");
  return *NoteSigner::from_seed("PeterNeumann", *custody::SecretKey::copy_of(ByteView(blob).subspan(1)));
}
bool opens(const std::string& note) { return open_note(note, read_note_key(peter)).ok; }
}  // namespace

TEST_CASE("the signer writes the published note and key", "[evidence]") {
  const NoteSigner signer = peter_signer();
  CHECK(signer.vkey() == peter);
  CHECK(signer.sign(note_text) == note_text + "\n" + peter_line);
}

TEST_CASE("the reader opens the published note", "[evidence]") {
  const auto opened = open_note(note_text + "\n" + peter_line + enoch_line, read_note_key(peter));
  REQUIRE(opened.ok);
  CHECK(opened.text == note_text);
  CHECK(std::string(opened.reason).empty());
  CHECK(open_note(note_text + "\n" + peter_line + enoch_line, read_note_key(enoch)).ok);
}

TEST_CASE("no mangled verification key is read", "[evidence]") {
  CHECK(read_note_key(peter).ok);
  for (std::size_t i = 0; i <= peter.size(); ++i) {
    for (std::size_t j = i + 1; j <= peter.size(); ++j) {
      if (i != 0 || j != peter.size()) REQUIRE_FALSE(read_note_key(peter.substr(i, j - i)).ok);
    }
  }
  for (std::size_t i = 0; i != peter.size(); ++i) {
    std::string bad = peter;
    ++bad[i];
    REQUIRE_FALSE(read_note_key(bad).ok);
  }
  CHECK_FALSE(read_note_key("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==").ok);
  CHECK_FALSE(read_note_key("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").ok);
}

TEST_CASE("a key of another length is refused although its id is right", "[evidence]") {
  const auto vkey = [](std::size_t length) {
    Bytes blob(length, std::byte{9});
    blob[0] = std::byte{1};
    const auto digest = custody::sha256(custody::as_bytes("x\n" + std::string(custody::as_text(blob))));
    std::string id;
    for (std::size_t i = 0; i != 4; ++i) {
      id += "0123456789abcdef"[std::to_integer<unsigned>(digest[i] >> 4)];
      id += "0123456789abcdef"[std::to_integer<unsigned>(digest[i] & std::byte{15})];
    }
    return "x+" + id + "+" + custody::base64_encode(blob);
  };
  CHECK(read_note_key(vkey(33)).ok);
  CHECK_FALSE(read_note_key(vkey(32)).ok);
  CHECK_FALSE(read_note_key(vkey(34)).ok);
  CHECK_FALSE(read_note_key(vkey(36)).ok);
}

TEST_CASE("control characters are refused although they are signed", "[evidence]") {
  const NoteSigner signer = peter_signer();
  CHECK(opens(signer.sign("a\n\nb\n")));  // an empty line may be part of the text
  CHECK_FALSE(opens(signer.sign("a\tb\n")));
  CHECK_FALSE(opens(signer.sign("a\rb\n")));
}

TEST_CASE("no changed note opens", "[evidence]") {
  const std::string good = note_text + "\n" + peter_line;
  REQUIRE(opens(good));
  for (std::size_t i = 0; i != good.size(); ++i) {
    for (int bit = 0; bit != 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      INFO("byte " << i << " bit " << bit);
      REQUIRE_FALSE(opens(bad));
    }
  }
  for (std::size_t cut = 0; cut != good.size(); ++cut) REQUIRE_FALSE(opens(good.substr(0, cut)));
}

TEST_CASE("malformed notes are refused as the standard says", "[evidence]") {
  CHECK_FALSE(opens(note_text));
  CHECK_FALSE(opens(note_text + "\n"));
  CHECK_FALSE(opens("\x01" + note_text + "\n" + peter_line));
  CHECK_FALSE(opens(note_text + "\n" + peter_line + "Unexpected line.\n"));
  CHECK_FALSE(opens(note_text + "\n\xe2\x80\x94 Bad Name " + peter_line.substr(17)));
  CHECK_FALSE(opens(note_text + "\n" + enoch_line));
  CHECK(std::string(open_note(note_text + "\n" + enoch_line, read_note_key(peter)).reason) ==
        "no signature by this key");
  // A signature by the key that fails spoils the note, even beside a good one.
  std::string bad_line = peter_line;
  bad_line[60] = bad_line[60] == 'A' ? 'B' : 'A';
  CHECK_FALSE(opens(note_text + "\n" + peter_line + bad_line));
  CHECK_FALSE(opens(note_text + "\n" + bad_line + peter_line));
  std::string many = note_text + "\n";
  for (int i = 0; i != 101; ++i) many += peter_line;
  CHECK_FALSE(opens(many));
}

TEST_CASE("a key name that notes cannot carry is refused", "[evidence]") {
  const char* const name = GENERATE("", "a b", "a+b", "a\nb", "\xc3\xa9", "a\tb");
  CHECK(NoteSigner::from_seed(name, secret()).error() == Errc::malformed);
}

TEST_CASE("a checkpoint is three lines", "[evidence]") {
  CHECK(custody::checkpoint_body("example.com/log", 12, custody::Digest{}) ==
        "example.com/log\n12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
}

TEST_CASE("only the checkpoint of the key's own log is taken", "[evidence]") {
  const NoteSigner signer = *NoteSigner::from_seed("example.com/log", secret());
  const auto verify = [&](const std::string& body) {
    return custody::verify_checkpoint(signer.sign(body), signer.vkey());
  };
  const std::string root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
  REQUIRE(verify("example.com/log\n12\n" + root).ok);
  CHECK(verify("example.com/log\n12\n" + root).size == 12);
  CHECK(verify("example.com/log\n0\n" + root).ok);
  CHECK(verify("example.com/log\n18446744073709551615\n" + root).size == ~std::uint64_t{0});
  CHECK(verify("example.com/log\n12\n" + root + "extension\n").ok);
  CHECK_FALSE(verify("example.com/other\n12\n" + root).ok);
  CHECK_FALSE(verify("example.com/log\n012\n" + root).ok);
  CHECK_FALSE(verify("example.com/log\n\n" + root).ok);
  CHECK_FALSE(verify("example.com/log\n-1\n" + root).ok);
  CHECK_FALSE(verify("example.com/log\n18446744073709551616\n" + root).ok);
  CHECK_FALSE(verify("example.com/log\n99999999999999999999999\n" + root).ok);
  CHECK_FALSE(verify("example.com/log\n12\nAAAA\n").ok);
  CHECK_FALSE(verify("example.com/log\n12\n").ok);
  CHECK_FALSE(verify("example.com/log\n12\n" + root + "\nx\n").ok);
  CHECK_FALSE(verify("\n12\n" + root).ok);
}
