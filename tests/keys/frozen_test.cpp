// SPDX-License-Identifier: Apache-2.0
// Frozen: a key file, derived keys, index values and a passphrase's parameters. What a version has written opens for ever.
#include <cstdlib>

#include <nlohmann/json.hpp>

#include <custody/crypto/blind_index.hpp>
#include <custody/keys/content_key.hpp>

#include "custody_catch.hpp"
#include "keys/files.hpp"
#include "support/vectors.hpp"

using namespace custody;
using test::handle;
using test::hex;
using test::index_row;
using test::unhex;
using test::wrapped;

namespace {

const nlohmann::json& derivations() {
  static const auto read = nlohmann::json::parse(custody_test::vector_bytes("derivations-1.json"));
  return read;
}
SecretKey secret(const nlohmann::json& text) { return test::key_of(text.get<std::string>()); }

/// What stands in key-file-1.bin; run with CUSTODY_MAKE_VECTORS=<path> once for each version of the format.
void write_sample(const std::string& path) {
  auto file = KeyFile::open(path, test::root_of(7));
  REQUIRE(file);
  REQUIRE(file->put_key(wrapped(handle(1), {}, 1, 11)));
  REQUIRE(file->put_key(wrapped(handle(1), {}, 0x010203, 16)));
  REQUIRE(file->put_key(wrapped(handle(2), {}, 1, 12)));
  REQUIRE(file->put_key(wrapped(handle(9), handle(2), 1, 13)));
  REQUIRE(file->put_key(wrapped(handle(9), handle(1), 4, 14)));
  REQUIRE(file->put_key(wrapped(handle(8), handle(1), 1, 15)));
  REQUIRE(file->put_index(index_row(handle(2), 5, 1)));
  REQUIRE(file->put_index(index_row(handle(1), 5, 2)));
  REQUIRE(file->put_index(index_row(handle(1), 6, 3)));
  REQUIRE(file->put_fact("head", test::pattern(30)));
  REQUIRE(file->put_fact("nothing", {}));
  REQUIRE(file->reserve(handle(1), 1, 40, 100));
  REQUIRE(file->raise_epoch(handle(1)));
  REQUIRE(file->drop_index(6, index_row(handle(1), 6, 3).value, index_row(handle(1), 6, 3).row));
  REQUIRE(file->drop_wrap(handle(9), handle(1)));
  REQUIRE(file->destroy(handle(2), {123}));
}

}  // namespace

TEST_CASE("a frozen key file opens, says what it said, and is left as it was", "[frozen]") {
  if (const char* const path = std::getenv("CUSTODY_MAKE_VECTORS")) write_sample(path);
  const std::string bytes = custody_test::vector_bytes("key-file-1.bin");
  REQUIRE(bytes.size() > 4096);
  const test::Folder folder;
  const std::string path = folder / "keys";
  test::write_file(path, bytes);
  {
    auto file = KeyFile::open(path, test::root_of(7), KeyFile::Missing::refuse);
    REQUIRE(file);
    for (const auto& [key, seed] :
         {std::pair{wrapped(handle(1), {}, 1, 11), 11}, std::pair{wrapped(handle(1), {}, 0x010203, 16), 16},
          std::pair{wrapped(handle(8), handle(1), 1, 15), 15}}) {
      INFO(seed);
      const auto found = file->get_key(key.handle, key.holder, key.generation);
      REQUIRE(found);
      CHECK(test::same(*found, key));
    }
    CHECK(file->get_key(handle(9), handle(1), 4).error() == Errc::unknown_key);
    CHECK(file->get_key(handle(2), {}, 1).error() == Errc::destroyed);
    CHECK(*file->newest_generation(handle(1)) == 0x010203);
    CHECK(*file->newest_generation(handle(9)) == 4);
    CHECK(*file->find_index(5, index_row({}, 5, 2).value) == std::vector<IndexRow>{index_row(handle(1), 5, 2)});
    CHECK(file->index_rows_of(handle(1))->size() == 1);
    CHECK(*file->get_fact("head") == test::pattern(30));
    CHECK(file->get_fact("nothing")->empty());
    CHECK(*file->reserve(handle(1), 1, 0, 100) == 40);
    CHECK(*file->epoch(handle(1)) == 1);
    std::vector<Handle> dead;
    REQUIRE(file->tombstones(dead));
    CHECK(dead == std::vector<Handle>{handle(2)});
    CHECK(KeyFile::open(path, test::root_of(7)).error() == Errc::locked);
  }
  CHECK(test::file_bytes(path) == bytes);
  CHECK(KeyFile::open(path, test::root_of(6), KeyFile::Missing::refuse).error() == Errc::wrong_root);
}

TEST_CASE("every record of a frozen key file is written the same way today", "[frozen]") {
  const std::string bytes = custody_test::vector_bytes("key-file-1.bin");
  const ByteView file = as_bytes(bytes);
  REQUIRE(bytes.size() > 4096);
  detail::RecordCodec::FileId id;
  std::memcpy(id.data(), bytes.data() + 24, id.size());
  const auto codec = detail::RecordCodec::of(test::root_of(7), id);
  REQUIRE(codec);
  CHECK(constant_time_equal(codec->root_check(), file.subspan(40, 32)));
  std::size_t records = 0;
  std::size_t overwritten = 0;
  for (std::size_t at = 4096; at != bytes.size(); ++records) {
    const ByteView head = file.subspan(at, detail::RecordCodec::head_size);
    detail::KeyRecord record;
    const auto length = codec->read_head(head, at, record);
    REQUIRE(length);
    const auto room = static_cast<std::size_t>(detail::RecordCodec::body_room(*length));
    codec->read_body(head, file.subspan(at + head.size(), room), *length, record);
    const Bytes again = codec->write(record, at);
    REQUIRE(again.size() == head.size() + room);
    CHECK(detail::same_bytes({again.data(), head.size()}, head));
    if (record.body_authentic)
      CHECK(detail::same_bytes(again, file.subspan(at, again.size())));
    else
      ++overwritten;
    at += again.size();
  }
  CHECK(records == 16);
  CHECK(overwritten == 5);
}

TEST_CASE("keys are derived from the root as they were", "[frozen]") {
  const auto& all = derivations();
  const auto root = RootKey::from_bytes(unhex(all["root"].get<std::string>()));
  REQUIRE(root);
  REQUIRE(all["branches"].size() > 3);
  for (const auto& [label, key] : all["branches"].items())
    CHECK(hex(root->derive(label)->view()) == key.get<std::string>());
  CHECK(hex(fingerprint(secret(all["content"]))) == all["fingerprint"].get<std::string>());
  detail::ContentKey content(handle(1), 1, SuiteId::xchacha20_poly1305, secret(all["content"]));
  CHECK(hex(content.wrapping_key()->view()) == all["holder_key"].get<std::string>());
  REQUIRE(all["field_keys"].size() > 3);
  for (const auto& one : all["field_keys"]) {
    const auto suite = static_cast<SuiteId>(one["suite"].get<std::uint8_t>());
    if (!suite_available(suite)) continue;
    const auto key = content.field_key(suite, one["record"].get<std::uint32_t>(), one["field"].get<std::uint16_t>());
    REQUIRE(key);
    CHECK(hex((*key)->secret().view()) == one["key"].get<std::string>());
  }
}

TEST_CASE("index values are what they were", "[frozen]") {
  const auto& all = derivations();
  const auto root = RootKey::from_bytes(unhex(all["root"].get<std::string>()));
  const auto branch = root->derive("custody.ring.index");
  REQUIRE(all["index"].size() > 8);
  for (const auto& one : all["index"]) {
    const auto text = [&](const char* name) { return one[name].get<std::string>(); };
    const std::string label = text("label"), product = text("product"), record = text("record"),
                      normaliser = text("normaliser"), value = text("normalised");
    const auto key = IndexKey::derive(*branch, {label, product, record, one["field"].get<std::uint32_t>(), normaliser,
                                                one["generation"].get<std::uint32_t>()});
    REQUIRE(key);
    CHECK(hex(key->value(as_bytes(value), one["bits"].get<unsigned>())) == text("value"));
  }
}

TEST_CASE("a passphrase and its line give the root they gave", "[frozen]") {
  const auto& told = derivations()["passphrase"];
  const auto line = told["line"].get<std::string>();
  const auto parameters = PassphraseParameters::decode(line);
  REQUIRE(parameters);
  CHECK(parameters->encode() == line);
  const auto root = RootKey::from_passphrase(told["passphrase"].get<std::string>(), *parameters);
  const auto same = RootKey::from_bytes(unhex(told["root"].get<std::string>()));
  REQUIRE(root);
  CHECK(hex(root->derive("x")->view()) == hex(same->derive("x")->view()));
}
