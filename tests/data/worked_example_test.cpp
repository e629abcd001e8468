// SPDX-License-Identifier: Apache-2.0
// The worked example of docs/format.md: every intermediate value, made with the library's own functions, and opened
// through a key ring.
#include <cstdio>

#include "custody_catch.hpp"
#include "format/books.hpp"
#include "vectors.hpp"

#include <custody/keys/key_record.hpp>

using namespace format_test;

namespace {

c::Bytes counted(unsigned from, unsigned count) {
  c::Bytes out;
  for (unsigned i = 0; i != count; ++i) out.push_back(static_cast<std::byte>(from + i));
  return out;
}
c::Handle counted_handle(unsigned from) { return handle_of(hex(counted(from, 16))); }
c::Bytes joined(std::initializer_list<c::ByteView> parts) {
  c::Bytes out;
  for (const c::ByteView part : parts) c::Canonical(out).raw(part);
  return out;
}

/// The example as it stands in the docs: a line that says what, then hex in lines of 32 bytes, or a text.
class Page {
 public:
  void title(const std::string& text) { out_ += (out_.empty() ? "" : "\n") + text + "\n"; }
  c::Bytes value(const std::string& name, c::ByteView bytes) {
    out_ += name + "\n";
    const std::string digits = hex(bytes);
    for (std::size_t at = 0; at < digits.size(); at += 64) out_ += "  " + digits.substr(at, 64) + "\n";
    return {bytes.begin(), bytes.end()};
  }
  c::SecretKey key(const std::string& name, c::Result<c::SecretKey> made) {
    value(name, made->view());
    return std::move(*made);
  }
  void text(const std::string& name, const std::string& what) { out_ += name + "\n  " + what + "\n"; }
  [[nodiscard]] const std::string& all() const { return out_; }

 private:
  std::string out_;
};

constexpr std::int64_t created = 1'700'000'000'000;

c::Bytes wrap_context(const c::Handle& handle, const c::Handle& holder, std::uint32_t generation) {
  c::Bytes out;
  c::Canonical(out).part("custody.key.1").part("frozen-im").raw(handle.bytes).raw(holder.bytes).number(generation);
  c::Canonical(out).number(static_cast<std::uint64_t>(created));
  return out;
}

/// A key wrapped under a nonce that is given.
c::WrappedKey wrapped(Page& page, const c::SecretKey& kek, const c::SecretKey& key, const c::Handle& handle,
                      const c::Handle& holder, unsigned nonce_from) {
  c::WrappedKey out{handle, holder, 1, {created}, counted(nonce_from, 24), {}};
  const auto aad = page.value("its associated data", c::detail::wrap_aad(wrap_context(handle, holder, 1)));
  out.wrapped.resize(c::wrapped_key_size);
  c::detail::xchacha_seal(out.wrapped.data() + 24, key.view(), aad, out.wrapped.data(), kek.data());
  page.value("wrapped: nonce, key, tag", out.wrapped);
  out.fingerprint = c::fingerprint(key);
  page.value("fingerprint", out.fingerprint);
  return out;
}

c::Bytes field_context(std::uint8_t suite, std::uint32_t record, std::uint16_t field) {
  c::Bytes out;
  c::Canonical(out).part("field").number(suite).number(record).number(field);
  return out;
}
c::Bytes policy_bytes(std::initializer_list<std::string_view> purposes, std::uint8_t level) {
  c::Bytes out;
  c::Canonical(out).number(static_cast<std::uint16_t>(purposes.size()));
  for (const auto id : purposes) c::Canonical(out).number(static_cast<std::uint8_t>(id.size())).raw(c::as_bytes(id));
  c::Canonical(out).number(level).number(std::uint8_t{0});
  return out;
}

struct Example {
  Page page;
  std::vector<c::WrappedKey> wraps;
  std::string phone;  ///< text form
  c::Bytes body;
  c::IndexValue lookup{};
};

void sealed_phone(Example& out, const c::SecretKey& content) {
  Page& page = out.page;
  page.title("# a phone number: record 1, field 1, grade3, row \"alice\"");
  page.value("context of the field key: part(\"field\") suite record field", field_context(1, 1, 1));
  const auto key = page.key("field key", c::derive_key(content, field_context(1, 1, 1)));
  const auto header = page.value("header", joined({unhex("c1010101"), unhex("0000")}));
  c::Bytes aad = joined({c::as_bytes("custody:b1"), header});
  c::Canonical(aad).number(std::uint16_t{1}).raw(policy_bytes({"account.service", "push.personalised"}, 3));
  c::Canonical(aad).part("frozen-im").number(std::uint32_t{1}).number(std::uint32_t{1});
  c::Canonical(aad).raw(counted(0x10, 16)).part("alice");
  page.value("associated data", aad);
  const auto nonce = page.value("nonce", counted(0xa0, 24));
  const auto plain = page.value("plaintext: 15400059572", c::as_bytes("15400059572"));
  c::Bytes sealed(plain.size() + 16);
  c::detail::xchacha_seal(sealed.data(), plain, aad, nonce.data(), key.data());
  const auto envelope = page.value("envelope: header, nonce, ciphertext, tag", joined({header, nonce, sealed}));
  out.phone = c::detail::to_text_form(envelope);
  page.text("text form", out.phone);
}

void sealed_body(Example& out, const c::SecretKey& content) {
  Page& page = out.page;
  page.title("# a message: AES-256-GCM, record 16909060, field 1286, grade4, version 7, two owners, row \"m1\"");
  const auto key = page.key("field key", c::derive_key(content, field_context(2, 0x01020304, 0x0506)));
  const auto header = page.value("header", unhex("c10201010000"));
  c::Bytes aad = joined({c::as_bytes("custody:b1"), header});
  c::Canonical(aad).number(std::uint16_t{0x0506}).raw(policy_bytes({"message.delivery"}, 4)).number(std::uint64_t{7});
  c::Canonical(aad).part("frozen-im").number(std::uint32_t{0x01020304}).number(std::uint32_t{2});
  c::Canonical(aad).raw(counted(0x10, 16)).raw(counted(0x20, 16)).part("m1");
  page.value("associated data", aad);
  const auto nonce = page.value("nonce", counted(0xc0, 12));
  const auto plain = page.value("plaintext: hello", c::as_bytes("hello"));
  c::Bytes sealed(plain.size() + 16);
  if (c::Aes256Gcm::available()) {
    const auto ready = c::CipherKey<c::Aes256Gcm>::from(std::move(*c::SecretKey::copy_of(key.view())));
    c::Aes256Gcm::seal(sealed.data(), plain, aad, nonce.data(), *ready);
  }
  out.body = page.value("envelope: header, nonce, ciphertext, tag", joined({header, nonce, sealed}));
}

void index_value(Example& out, const c::SecretKey& branch) {
  Page& page = out.page;
  page.title("# what an equality search for the phone number looks for");
  c::Bytes context;
  c::Canonical(context).part("custody.index.1").part("field").part("frozen-im").part("").number(std::uint32_t{65537});
  c::Canonical(context).part("phone_e164").number(std::uint32_t{1});
  page.value("context of the index key", context);
  page.key("index key", c::derive_key(branch, context));
  const auto key = c::IndexKey::derive(branch, {"field", "frozen-im", "", 65537, "phone_e164", 1});
  const auto normal = page.value("normalised: +8615400059572", c::as_bytes("+8615400059572"));
  out.lookup = key->value(normal);
  page.value("index value", out.lookup);
  page.value("cut to 18 bits", key->value(normal, 18));
}

void key_file(Example& out, const c::RootKey& root) {
  Page& page = out.page;
  page.title("# the person's key in a key file, as its first record");
  c::detail::RecordCodec::FileId id;
  const auto bytes = page.value("file id", counted(0x90, 16));
  std::copy(bytes.begin(), bytes.end(), id.begin());
  const auto branch = page.key("branch \"key-file\"", root.derive("key-file"));
  page.key("file key: derived from the branch, context = file id", c::derive_key(branch, bytes));
  const auto codec = c::detail::RecordCodec::of(root, id);
  c::Bytes head = joined({c::as_bytes("custody-keyfile\n")});
  c::Canonical(head).number(std::uint32_t{1}).number(std::uint32_t{0}).raw(bytes).raw(codec->root_check());
  c::Canonical(head).raw(c::blake2b<16>({head}));
  page.value("bytes 0 to 87: magic, version, 0, file id, fingerprint of the file key, hash", head);
  c::Bytes slot;
  c::Canonical(slot).number(std::uint64_t{2}).number(std::uint64_t{4096});
  c::Canonical(slot).raw(codec->tag('s', 1024, slot));
  page.value("slot at 1024: sequence 2, complete up to 4096, tag", slot);
  const c::WrappedKey& key = out.wraps.front();
  const c::detail::KeyRecord record{c::detail::RecordKind::key,
                                    key.handle,
                                    key.holder,
                                    key.generation,
                                    static_cast<std::uint64_t>(key.created.ms),
                                    joined({c::ByteView(key.fingerprint), key.wrapped})};
  page.value("record at 4096: head of 80 bytes, body of 104, padded, and its tag", codec->write(record, 4096));
}

Example example() {
  Example out;
  Page& page = out.page;
  page.title("# keys: product \"frozen-im\"");
  const c::Bytes root_bytes(32, std::byte{'r'});
  page.value("root key", root_bytes);
  const auto root = c::RootKey::from_bytes(root_bytes);
  const auto wrapping = page.key("branch \"custody.ring.wrap\"", root->derive("custody.ring.wrap"));
  const auto index = page.key("branch \"custody.ring.index\"", root->derive("custody.ring.index"));
  const auto alice = counted_handle(0x10);
  page.value("alice's handle", alice.bytes);
  const auto content =
      page.key("alice's key, generation 1, created 1700000000000", c::SecretKey::copy_of(counted(0x40, 32)));
  out.wraps.push_back(wrapped(page, wrapping, content, alice, {}, 0x60));
  c::Bytes wrap_part;
  c::Canonical(wrap_part).part("wrap");
  const auto holding = page.key("alice's key for wrapping", c::derive_key(content, wrap_part));
  const auto talk = counted_handle(0x30);
  page.value("a conversation's handle", talk.bytes);
  const auto shared = page.key("its key, generation 1", c::SecretKey::copy_of(counted(0x50, 32)));
  out.wraps.push_back(wrapped(page, holding, shared, talk, alice, 0x78));
  sealed_phone(out, content);
  sealed_body(out, shared);
  index_value(out, index);
  key_file(out, *root);
  return out;
}

/// A member of a group; gives what is stored of it: entry, ciphertext and tag.
c::Bytes sealed_member(Page& page, const c::SecretKey& content, std::uint16_t field, std::string_view text,
                       std::uint8_t level, std::string_view version, c::ByteView header, c::ByteView nonce) {
  const auto key =
      page.key("field key of field " + std::to_string(field), c::derive_key(content, field_context(1, 0x0A0B, field)));
  c::Bytes entry;
  c::Canonical(entry).number(field).number(std::uint8_t{1}).number(static_cast<std::uint16_t>(text.size()));
  c::Canonical(entry).number(std::uint8_t{0});
  page.value("entry: field, revision 1, length", entry);
  c::Bytes aad = joined({c::as_bytes("custody:g1"), header, entry});
  c::Canonical(aad).raw(policy_bytes({"account.service", "push.personalised"}, level)).raw(unhex(std::string(version)));
  c::Canonical(aad).part("frozen-im").number(std::uint32_t{0x0A0B}).number(std::uint32_t{1});
  c::Canonical(aad).raw(counted(0x10, 16)).part("alice");
  page.value("its associated data", aad);
  page.value("plaintext: " + std::string(text), c::as_bytes(text));
  c::Bytes sealed(text.size() + 16);
  c::detail::xchacha_seal(sealed.data(), c::as_bytes(text), aad, nonce.data(), key.data());
  page.value("ciphertext, tag", sealed);
  return joined({entry, sealed});
}

struct GroupExample {
  Page page;
  c::Bytes group;
  c::Bytes alone;  ///< what is left when the first member is cut out
};

GroupExample group_example() {
  GroupExample out;
  Page& page = out.page;
  const auto content = *c::SecretKey::copy_of(counted(0x40, 32));
  page.title("# two fields of record 2571, row \"alice\": 2 of grade4, version 7, and 5 of grade3, under alice's key");
  const auto header = page.value("header", unhex("c40100010000"));
  const auto nonce = page.value("nonce", counted(0xb0, 24));
  const auto address = sealed_member(page, content, 2, "Lane 7", 4, "0700000000000000", header, nonce);
  const auto name = sealed_member(page, content, 5, "Li Lei", 3, "", header, nonce);
  out.group = page.value("group: header, nonce, and each member's entry, ciphertext, tag",
                         joined({header, nonce, address, name}));
  out.alone = page.value("the same when field 2 is gone", joined({header, nonce, name}));
  return out;
}

}  // namespace

TEST_CASE("the worked example of a group is what the library makes, and opens") {
  const GroupExample made = group_example();
  if (std::getenv("CUSTODY_PRINT_VECTORS") != nullptr) std::printf("%s", made.page.all().c_str());
  CHECK(made.page.all() == custody_test::vector_bytes("worked-example-2.txt"));
  custody_test::BasicWorld<Frozen> world;
  Page unseen;
  const auto wrapping = c::RootKey::from_bytes(c::Bytes(32, std::byte{'r'}))->derive("custody.ring.wrap");
  const auto content = *c::SecretKey::copy_of(counted(0x40, 32));
  REQUIRE(world.keys->put_key(wrapped(unseen, *wrapping, content, counted_handle(0x10), {}, 0x60)));
  static constexpr const c::Role& any = c::role<"any", c::RoleKind::service, c::Level::core, AccountService>;
  const auto alice = *world.ring().find(counted_handle(0x10));
  const auto permit = world.permit<AccountService>(alice, any);
  Card card;
  REQUIRE(c::at_rest::from_group(*world.ring().binding<Card>("alice", alice, 7), made.group, card));
  CHECK(custody_test::released(card.address, permit) == "Lane 7");
  CHECK(custody_test::released(card.name, permit) == "Li Lei");
  CHECK(c::as_text(*c::at_rest::blob(card.name)) == c::as_text(made.alone));
  CHECK(c::as_text(*custody_test::group_bytes(card.name)) == c::as_text(made.group));
  card = Card{};
  REQUIRE(c::at_rest::from_group(*world.ring().binding<Card>("alice", alice, 8), made.group, card));
  CHECK(custody_test::refusal(card.address, permit) == custody_test::code(c::Errc::tampered));
  CHECK(custody_test::released(card.name, permit) == "Li Lei");
}

TEST_CASE("the worked example of docs/format.md is what the library makes") {
  if (!c::Aes256Gcm::available()) return;
  const Example made = example();
  if (std::getenv("CUSTODY_PRINT_VECTORS") != nullptr) std::printf("%s", made.page.all().c_str());
  CHECK(made.page.all() == custody_test::vector_bytes("worked-example-1.txt"));
}

TEST_CASE("the worked example opens in a key ring") {
  if (!c::Aes256Gcm::available()) return;
  const Example made = example();
  custody_test::BasicWorld<Frozen> world;
  for (const auto& key : made.wraps) REQUIRE(world.keys->put_key(key));
  static constexpr const c::Role& any =
      c::role<"any", c::RoleKind::service, c::Level::core, AccountService, MessageDelivery>;
  const auto alice = *world.ring().find(counted_handle(0x10));
  Person person;
  const auto row = *world.ring().binding<Person>("alice", alice);
  REQUIRE(c::at_rest::from_text<&Person::phone>(row, made.phone, person.phone));
  CHECK(custody_test::released(person.phone, world.permit<AccountService>(alice, any)) == "15400059572");
  Message message;
  const std::vector<c::Handle> owners{counted_handle(0x20), counted_handle(0x10)};
  const auto talk = *world.ring().binding<Message>("m1", c::Conversation{counted_handle(0x30)}, owners, 7);
  REQUIRE(c::at_rest::from_blob<&Message::body>(talk, made.body, message.body));
  CHECK(custody_test::released(message.body, world.permit<MessageDelivery>(alice, any)) == "hello");
  CHECK(world.ring().lookup<&Person::phone>("154 0005 9572")->bytes() == made.lookup);
}
