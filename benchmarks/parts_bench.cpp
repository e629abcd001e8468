// SPDX-License-Identifier: Apache-2.0
// What the parts of a sealed field cost, each beside what stands in for it without custody.
#include <sodium.h>

#include <custody/custody.hpp>

#include <nlohmann/json.hpp>

#include "bench.hpp"
#include "world.hpp"

namespace {

using bench::add;
using Suite = custody::XChaCha20Poly1305;
using World = bench::World<Suite>;
World& world() { return World::instance(); }

/// Adds a line `group/who` that repeats `work` until it has been timed; the line fails when `work` returns false.
template <class Work>
void add_work(const char* name, Work work) {
  add(name, [work](benchmark::State& state) mutable {
    bool good = true;
    for (auto _ : state) {
      good = work() && good;
      benchmark::ClobberMemory();
    }
    if (!good) state.SkipWithError("the work failed");
  });
}

unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

void add_nonces() {
  static std::byte nonce[24];
  add_work("nonce of 24 bytes/custody, pool", [] { return custody::draw_nonce(nonce); });
  add_work("nonce of 24 bytes/custody, kernel", [] { return custody::draw_nonce(nonce, true); });
  add_work("nonce of 24 bytes/libsodium randombytes_buf", [] {
    randombytes_buf(raw(nonce), sizeof nonce);
    return true;
  });
}

/// The bytes that a field of a row is bound to, put together as sealing does.
void add_associated_data() {
  add_work("associated data/custody, built for a row", [] {
    const auto& body = *custody::BindingOffice::body(world().row);
    const auto& field = custody::detail::FieldPlace<&bench::Row::text>::facts;
    const auto& policy = field.today().type.policy;
    std::byte header[custody::EnvelopeHeader::size];
    custody::EnvelopeHeader{}.write(header);
    custody::detail::BasicAadBuffer<void> aad;
    aad.bound(header, body, field.number, policy);
    benchmark::DoNotOptimize(aad.view().data());
    return aad.view().size() > 60;
  });
}

void add_keys() {
  add_work("key lookup/hit: a field's key", [] {
    const auto& content = custody::BindingOffice::body(world().row)->key;
    auto key = content->field_key(Suite::id, 1, 1);
    benchmark::DoNotOptimize(key);
    return key.has_value();
  });
  add_work("key lookup/hit: a person's key", [] {
    auto key = world().ring.core()->key_of(world().subject.handle(), 1);
    benchmark::DoNotOptimize(key);
    return key.has_value();
  });
  // A ring that was just opened has unwrapped nothing yet; its opening and closing count, too, over 256 persons.
  add("key lookup/miss: unwrapped from the store", [](benchmark::State& state) {
    static const std::vector<custody::Handle> handles = [] {
      std::vector<custody::Handle> made;
      for (int i = 0; i != 256; ++i) made.push_back(world().ring.enrol("miss " + std::to_string(i))->handle());
      return made;
    }();
    bool good = true;
    while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(handles.size()))) {
      auto ring = custody::KeyRing<bench::Product>::open(world().keys, world().root, world().witness, world().authority,
                                                         world().clock);
      for (const custody::Handle& handle : handles) good = ring->core()->key_of(handle, 1).has_value() && good;
    }
    if (!good) state.SkipWithError("no key");
  });
  add_work("key lookup/libsodium: a 32-byte key unwrapped", [] {
    static unsigned char wrapped[48], key[32], nonce[24];
    static const unsigned char kek[32] = {1};
    static const unsigned char aad[96] = {2};
    static const int made = crypto_aead_xchacha20poly1305_ietf_encrypt(wrapped, nullptr, key, sizeof key, aad,
                                                                       sizeof aad, nullptr, nonce, kek);
    return made == 0 && crypto_aead_xchacha20poly1305_ietf_decrypt(key, nullptr, nullptr, wrapped, sizeof wrapped, aad,
                                                                   sizeof aad, nonce, kek) == 0;
  });
}

/// A release of 16 bytes, and its cipher call alone: the rest is permit, keys, binding, evidence and wiping.
void add_permits() {
  add_work("permit/minted and ended", [] {
    return world()
        .ring
        .permit<bench::AccountService>(world().subject, {&bench::api, "bench"}, world().clock.now() + custody::hours(1))
        .has_value();
  });
  add("permit/release of 16 bytes", [](benchmark::State& state) {
    const auto field = custody::seal_for<&bench::Row::text>(world().row, std::string(16, 'm'));
    bench::Counter counter;
    for (auto _ : state) benchmark::DoNotOptimize(field->release(world().permit, counter));
    if (counter.bytes != 16 * static_cast<std::size_t>(state.iterations())) state.SkipWithError("release failed");
  });
  add("permit/the suite's open of the same", [](benchmark::State& state) {
    auto key = custody::CipherKey<Suite>::random();
    std::byte nonce[Suite::nonce_size]{}, plain[16]{}, sealed[16 + Suite::tag_size];
    static constexpr std::byte aad[88]{};
    Suite::seal(sealed, plain, aad, nonce, *key);
    bool good = true;
    for (auto _ : state) {
      good = Suite::open(plain, sealed, aad, nonce, *key) && good;
      benchmark::ClobberMemory();
    }
    if (!good) state.SkipWithError("open failed");
  });
}

void add_indexes() {
  static const std::string phone = "+86 138 0013 8000";
  static const std::string normal = "+8613800138000";
  add_work("blind index/custody lookup of a phone number", [] {
    auto value = world().ring.lookup<&bench::Person::phone>(phone);
    benchmark::DoNotOptimize(value);
    return value.has_value();
  });
  add("blind index/custody, normalised already", [](benchmark::State& state) {
    const auto root = custody::SecretKey::random();
    const auto key = custody::IndexKey::derive(*root, {"field", "bench", "", 1, "phone.e164", 1});
    for (auto _ : state) benchmark::DoNotOptimize(key->value(custody::as_bytes(normal)));
  });
  add_work("blind index/libsodium keyed BLAKE2b", [] {
    static const unsigned char key[32] = {1};
    unsigned char value[16];
    const int done = crypto_generichash(value, sizeof value, reinterpret_cast<const unsigned char*>(normal.data()),
                                        normal.size(), key, sizeof key);
    benchmark::DoNotOptimize(value);
    return done == 0;
  });
}

constexpr std::size_t blob_size = 156;
constexpr std::size_t text_size = custody::base64url_size(blob_size);
constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

void add_base64() {
  static std::byte blob[blob_size];
  static std::byte back[blob_size];
  static char text[text_size + 1];
  for (std::size_t i = 0; i != blob_size; ++i) blob[i] = static_cast<std::byte>(i * 151);
  add_work("base64 of 156 bytes, encode/custody", [] {
    custody::base64url_write(text, blob);
    return text[0] == 'A';
  });
  add_work("base64 of 156 bytes, encode/libsodium",
           [] { return sodium_bin2base64(text, sizeof text, raw(blob), blob_size, variant) != nullptr; });
  add_work("base64 of 156 bytes, decode/custody", [] {
    static const std::string from = custody::base64url_encode(blob);
    return custody::base64url_read(back, from) && back[1] == blob[1];
  });
  add_work("base64 of 156 bytes, decode/libsodium", [] {
    static const std::string from = custody::base64url_encode(blob);
    std::size_t length = 0;
    return sodium_base642bin(raw(back), blob_size, from.data(), from.size(), nullptr, &length, nullptr, variant) == 0 &&
           length == blob_size;
  });
}

/// One sealed field in a json text: sealed, encoded, dumped; and parsed, decoded, opened.
constexpr std::size_t json_plain = 108;

std::string json_by_hand(const std::string& plain, const unsigned char* key) {
  static const unsigned char aad[88] = {1};
  unsigned char out[24 + json_plain + 16];
  randombytes_buf(out, 24);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + 24, nullptr, reinterpret_cast<const unsigned char*>(plain.data()),
                                             plain.size(), aad, sizeof aad, nullptr, out, key);
  std::string text(sodium_base64_ENCODED_LEN(sizeof out, variant), '\0');
  sodium_bin2base64(text.data(), text.size(), out, sizeof out, variant);
  text.pop_back();
  nlohmann::json document;
  document["text"] = std::move(text);
  return document.dump();
}
bool json_back_by_hand(const std::string& text, std::string& plain, const unsigned char* key) {
  static const unsigned char aad[88] = {1};
  const auto document = nlohmann::json::parse(text);
  const auto& field = document.at("text").get_ref<const std::string&>();
  unsigned char in[24 + json_plain + 16];
  std::size_t length = 0;
  plain.resize(json_plain);
  const bool good =
      sodium_base642bin(in, sizeof in, field.data(), field.size(), nullptr, &length, nullptr, variant) == 0 &&
      length == sizeof in &&
      crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr,
                                                 in + 24, sizeof in - 24, aad, sizeof aad, in, key) == 0;
  return good;
}
std::string json_by_custody(const std::string& plain) {
  auto field = custody::seal_for<&bench::Row::text>(world().row, plain);
  nlohmann::json document;
  if (!field || !custody::at_rest::write(document, "text", *field)) return {};
  return document.dump();
}

void add_json() {
  static const std::string plain(json_plain, 'm');
  static const unsigned char key[32] = {5};
  add_work("json field of 108 bytes, seal/custody", [] { return !json_by_custody(plain).empty(); });
  add_work("json field of 108 bytes, seal/libsodium by hand", [] { return !json_by_hand(plain, key).empty(); });
  static const std::string sealed = json_by_custody(plain);
  add_work("json field of 108 bytes, seal/of that nlohmann's dump",
           [document = nlohmann::json::parse(sealed, nullptr, false)] { return !document.dump().empty(); });
  add_work("json field of 108 bytes, open/of that nlohmann's parse",
           [] { return !nlohmann::json::parse(sealed, nullptr, false).is_discarded(); });
  add("json field of 108 bytes, open/custody", [](benchmark::State& state) {
    const std::string text = json_by_custody(plain);
    bench::Compare compare(plain);
    bool good = true;
    for (auto _ : state) {
      const auto document = nlohmann::json::parse(text, nullptr, false);
      bench::Field field;
      compare.same = false;
      good = custody::at_rest::read<&bench::Row::text>(document, "text", world().row, field) &&
             field.release(world().permit, compare) && compare.same && good;
    }
    if (!good) state.SkipWithError("not what was sealed");
  });
  add("json field of 108 bytes, open/libsodium by hand", [](benchmark::State& state) {
    const std::string text = json_by_hand(plain, key);
    bool good = true;
    for (auto _ : state) {
      std::string opened;
      good = json_back_by_hand(text, opened, key) && opened == plain && good;
      sodium_memzero(opened.data(), opened.size());
    }
    if (!good) state.SkipWithError("not what was sealed");
  });
}

/// A record of five fields of 24 bytes.
constexpr std::size_t record_fields = 5;
constexpr std::size_t record_size = 24;

template <auto... Members>
bool seal_record(bench::Person& person, const std::string& text) {
  const auto one = [&]<auto Member>(std::integral_constant<decltype(Member), Member>) {
    auto sealed = custody::seal_for<Member>(world().person, text);
    if (sealed) person.*Member = std::move(*sealed);
    return sealed.has_value();
  };
  return (one(std::integral_constant<decltype(Members), Members>()) && ...);
}
bool seal_person(bench::Person& person, const std::string& text) {
  using P = bench::Person;
  return seal_record<&P::nickname, &P::bio, &P::email, &P::phone, &P::address>(person, text);
}
bool assign_and_seal(bench::Together& person, const std::string& text) {
  for (bench::Field* field : {&person.nickname, &person.bio, &person.email, &person.phone, &person.address})
    *field = text;
  return custody::bind_record(world().together, person).has_value();
}
bool seal_straight(bench::Together& person, const std::string& text) {
  using P = bench::Together;
  return custody::seal_together<&P::nickname, &P::bio, &P::email, &P::phone, &P::address>(world().together, person,
                                                                                          text, text, text, text, text)
      .has_value();
}
template <class Record>
bool open_person(const Record& person, bench::Counter& counter) {
  bool good = true;
  for (const bench::Field* field : {&person.nickname, &person.bio, &person.email, &person.phone, &person.address})
    good = field->release(world().permit, counter).has_value() && good;
  return good;
}
struct ByHand {
  unsigned char sealed[record_fields][24 + record_size + 16];
  bool seal(const std::string& text, const unsigned char* key) {
    static const unsigned char aad[88] = {1};
    bool good = true;
    for (auto& each : sealed) {
      randombytes_buf(each, 24);
      good = crypto_aead_xchacha20poly1305_ietf_encrypt(each + 24, nullptr,
                                                        reinterpret_cast<const unsigned char*>(text.data()),
                                                        record_size, aad, sizeof aad, nullptr, each, key) == 0 &&
             good;
    }
    return good;
  }
  bool open(const unsigned char* key) const {
    static const unsigned char aad[88] = {1};
    unsigned char plain[record_size];
    bool good = true;
    for (const auto& each : sealed) {
      good = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, nullptr, nullptr, each + 24, record_size + 16, aad,
                                                        sizeof aad, each, key) == 0 &&
             good;
      benchmark::DoNotOptimize(plain);
      sodium_memzero(plain, sizeof plain);
    }
    return good;
  }
};
struct PlainPerson {
  std::string nickname, bio, email, phone, address;
};

void add_records() {
  static const std::string text(record_size, 'm');
  static const unsigned char key[32] = {5};
  add_work("record of 5 fields of 24 bytes, seal/custody, field by field",
           [person = bench::Person()]() mutable { return seal_person(person, text); });
  add_work("record of 5 fields of 24 bytes, seal/custody, record mode",
           [person = bench::Together()]() mutable { return seal_straight(person, text); });
  add_work("record of 5 fields of 24 bytes, seal/custody, assigned, then record mode",
           [person = bench::Together()]() mutable { return assign_and_seal(person, text); });
  add_work("record of 5 fields of 24 bytes, seal/libsodium by hand",
           [record = ByHand()]() mutable { return record.seal(text, key); });
  add_work("record of 5 fields of 24 bytes, seal/plain struct assigned", [person = PlainPerson()]() mutable {
    for (std::string* field : {&person.nickname, &person.bio, &person.email, &person.phone, &person.address})
      *field = text;
    benchmark::DoNotOptimize(&person);
    return true;
  });
  add("record of 5 fields of 24 bytes, open/custody, field by field", [](benchmark::State& state) {
    bench::Person person;
    bool good = seal_person(person, text);
    bench::Counter counter;
    for (auto _ : state) good = open_person(person, counter) && good;
    const std::size_t all = record_fields * record_size * static_cast<std::size_t>(state.iterations());
    if (!good || counter.bytes != all) state.SkipWithError("release failed");
  });
  add("record of 5 fields of 24 bytes, open/custody, record mode", [](benchmark::State& state) {
    bench::Together person;
    bool good = assign_and_seal(person, text);
    bench::Counter counter;
    for (auto _ : state) good = open_person(person, counter) && good;
    const std::size_t all = record_fields * record_size * static_cast<std::size_t>(state.iterations());
    if (!good || counter.bytes != all) state.SkipWithError("release failed");
  });
  add("record of 5 fields of 24 bytes, open/libsodium by hand", [](benchmark::State& state) {
    ByHand record;
    bool good = record.seal(text, key);
    for (auto _ : state) good = record.open(key) && good;
    if (!good) state.SkipWithError("open failed");
  });
  add("record of 5 fields of 24 bytes, copy/custody", [](benchmark::State& state) {
    bench::Person person;
    if (!seal_person(person, text)) state.SkipWithError("seal_for failed");
    for (auto _ : state) {
      bench::Person copy = person;
      benchmark::DoNotOptimize(copy);
      benchmark::ClobberMemory();
    }
  });
  add("record of 5 fields of 24 bytes, copy/custody, record mode", [](benchmark::State& state) {
    bench::Together person;
    if (!assign_and_seal(person, text)) state.SkipWithError("bind_record failed");
    for (auto _ : state) {
      bench::Together copy = person;
      benchmark::DoNotOptimize(copy);
      benchmark::ClobberMemory();
    }
  });
  add("record of 5 fields of 24 bytes, copy/plain struct", [](benchmark::State& state) {
    const PlainPerson person{text, text, text, text, text};
    for (auto _ : state) {
      PlainPerson copy = person;
      benchmark::DoNotOptimize(copy);
      benchmark::ClobberMemory();
    }
  });
}

void add_copies() {
  static const std::string text(100, 'm');
  add("field of 100 bytes, copy/custody", [](benchmark::State& state) {
    const auto field = custody::seal_for<&bench::Row::text>(world().row, text);
    if (!field) state.SkipWithError("seal_for failed");
    for (auto _ : state) {
      bench::Field copy = *field;
      benchmark::DoNotOptimize(copy);
    }
  });
  add("field of 100 bytes, copy/std::string", [](benchmark::State& state) {
    for (auto _ : state) {
      std::string copy = text;
      benchmark::DoNotOptimize(copy);
    }
  });
  add("field of 100 bytes, moved there and back/custody", [](benchmark::State& state) {
    auto sealed = custody::seal_for<&bench::Row::text>(world().row, text);
    bench::Field from = std::move(*sealed), to;
    for (auto _ : state) {
      to = std::move(from);
      benchmark::DoNotOptimize(to);
      from = std::move(to);
      benchmark::DoNotOptimize(from);
    }
    if (!from.has_value()) state.SkipWithError("lost on the way");
  });
  add("field of 100 bytes, moved there and back/std::string", [](benchmark::State& state) {
    std::string from = text, to;
    for (auto _ : state) {
      to = std::move(from);
      benchmark::DoNotOptimize(to);
      from = std::move(to);
      benchmark::DoNotOptimize(from);
    }
  });
}

/// Takes leaves and keeps them: what a log costs without a disk.
class MemoryLeaves final : public custody::LeafStore {
 public:
  custody::Result<void> append_leaves(std::uint64_t first, std::span<const custody::Bytes> leaves) override {
    if (first != leaves_.size()) return custody::Errc::already_there;
    leaves_.insert(leaves_.end(), leaves.begin(), leaves.end());
    return {};
  }
  custody::Result<std::uint64_t> leaf_count() override { return std::uint64_t{leaves_.size()}; }
  custody::Result<std::vector<custody::Bytes>> read_leaves(std::uint64_t first, std::uint64_t count) override {
    const std::uint64_t begin = std::min<std::uint64_t>(first, leaves_.size());
    const std::uint64_t end = begin + std::min<std::uint64_t>(count, leaves_.size() - begin);
    return std::vector<custody::Bytes>(leaves_.begin() + static_cast<std::ptrdiff_t>(begin),
                                       leaves_.begin() + static_cast<std::ptrdiff_t>(end));
  }

 private:
  std::vector<custody::Bytes> leaves_;
};

/// A granted release as a field reports it.
custody::Event sample_event() {
  custody::Event event;
  event.verb = custody::Verb::release;
  event.granted = true;
  event.purpose = "account.service";
  event.role = "api";
  event.actor = "bench";
  event.record = "row";
  event.field = "text";
  event.place = "bench";
  event.level = custody::Level::grade2;
  event.at = world().clock.now();
  return event;
}

constexpr int company = 256;  ///< entries that are written together

/// `apart` times only what the caller of each entry waits for; without it hashing, signing and storing count, too.
void audit(benchmark::State& state, bool apart) {
  MemoryLeaves leaves;
  custody::MemoryKeyStore keys;
  custody::AuditLogOptions options;
  options.origin = "bench.example/audit";
  options.buffered_entries = apart ? company + 1 : company;
  options.buffered_for = custody::hours(24);
  auto log = custody::AuditLog::open(leaves, keys, world().root, world().clock, options);
  if (!log) {
    state.SkipWithError("no log");
    return;
  }
  const custody::Event event = sample_event();
  bool good = true;
  while (state.KeepRunningBatch(company)) {
    for (int i = 0; i != company; ++i) good = (*log)->record({&event, 1}).has_value() && good;
    if (!apart) continue;
    state.PauseTiming();
    good = (*log)->flush().has_value() && good;
    state.ResumeTiming();
  }
  if (!good || (*log)->size() != static_cast<std::uint64_t>(state.iterations()))
    state.SkipWithError("entries are lost");
}

void add_audit() {
  add("audit entry/in the caller", [](benchmark::State& state) { audit(state, true); });
  add("audit entry/all told, store in memory", [](benchmark::State& state) { audit(state, false); });
  add("audit entry/the buffer alone", [](benchmark::State& state) {
    custody::detail::LeafBuffer buffer;
    std::vector<custody::Bytes> drained;
    const custody::Event event = sample_event();
    bool good = true;
    while (state.KeepRunningBatch(company)) {
      for (int i = 0; i != company; ++i) good = buffer.add({&event, 1}).has_value() && good;
      state.PauseTiming();
      buffer.drain(drained);
      good = drained.size() == company && good;
      drained.clear();
      state.ResumeTiming();
    }
    if (!good) state.SkipWithError("entries are lost");
  });
  add_work("audit entry/libsodium SHA-256 of a leaf", [] {
    static const auto leaf = custody::encode_leaf(sample_event());
    unsigned char hash[32];
    const int done = crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(leaf->data()), leaf->size());
    benchmark::DoNotOptimize(hash);
    return done == 0;
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (sodium_init() < 0) return 1;
  benchmark::AddCustomContext("libsodium", sodium_version_string());
  static_cast<void>(world());  // made before anything is timed
  add_nonces();
  add_associated_data();
  add_keys();
  add_permits();
  add_indexes();
  add_base64();
  add_json();
  add_records();
  add_copies();
  add_audit();
  return bench::run(argc, argv);
}
