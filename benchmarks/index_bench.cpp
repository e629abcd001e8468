// SPDX-License-Identifier: Apache-2.0
// What a value of a blind index costs, against the keyed BLAKE2b that it is made with, and what docs/blind-index.md
// makes of it: the time in which somebody who has the key of one index lists a space of values.
#include <custody/sealing.hpp>

#include <benchmark/benchmark.h>
#include <sodium.h>

#include <string>
#include <string_view>

namespace {

struct AccountService final : custody::Purpose<"account.service", custody::Basis::contract, custody::core> {};
using Product = custody::Product<"bench", custody::Region::CN, AccountService>;
using Text = custody::Personal<std::string, AccountService>;

struct Row {
  custody::Public<std::string> uid;
  Text phone, cut, costly, very_costly;
  using custody_fields = custody::Fields<
      custody::record<"row", 1>,
      custody::retained<custody::account_life, custody::erase_within<custody::working_days(15)>>,
      custody::key<&Row::uid>, custody::owner<&Row::uid>,
      custody::field<1, "phone", &Row::phone, custody::Category::phone, custody::indexed<custody::phone_e164>>,
      custody::field<2, "cut", &Row::cut, custody::Category::phone,
                     custody::indexed<custody::phone_e164, custody::truncated<20>>>,
      custody::field<3, "costly", &Row::costly, custody::Category::phone,
                     custody::indexed<custody::phone_e164, custody::stretched>>,
      custody::field<4, "very_costly", &Row::very_costly, custody::Category::phone,
                     custody::indexed<custody::phone_e164, custody::slow>>>;
};

class Always final : public custody::Authority {
 public:
  custody::Result<void> decide(const custody::Question&) noexcept override { return {}; }
};
class Nowhere final : public custody::Witness {
 public:
  custody::Result<void> record(std::span<const custody::Event>) noexcept override { return {}; }
};

custody::KeyRing<Product>& ring() {
  static custody::SystemClock clock;
  static custody::MemoryKeyStore keys;
  static Always authority;
  static Nowhere witness;
  static auto opened = [] {
    const std::string bytes(32, 'k');
    auto root = custody::RootKey::from_bytes(custody::as_bytes(bytes));
    return custody::KeyRing<Product>::open(keys, *root, witness, authority, clock);
  }();
  return *opened;
}

constexpr std::string_view number = "+8613800138000";

/// libsodium's own call on the normalised number.
void bare_blake2b(benchmark::State& state) {
  unsigned char key[32], out[16];
  ::randombytes_buf(key, sizeof key);
  for (auto _ : state) {
    ::crypto_generichash(out, sizeof out, reinterpret_cast<const unsigned char*>(number.data()), number.size(), key,
                         sizeof key);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(bare_blake2b);

void normalise_phone(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(custody::phone_e164::apply("138 0013 8000"));
}
BENCHMARK(normalise_phone);

/// The key alone, as somebody has it who lists a space of values.
void index_key(benchmark::State& state, custody::IndexShape shape) {
  auto root = custody::SecretKey::random();
  auto key = custody::IndexKey::derive(*root, {"field", "bench", "", 1, "phone_e164", 1, shape});
  for (auto _ : state) benchmark::DoNotOptimize(key->of(custody::as_bytes(number)));
}
BENCHMARK_CAPTURE(index_key, fast, custody::IndexShape{});
BENCHMARK_CAPTURE(index_key, stretched, custody::IndexShape{128, custody::stretched::work});
BENCHMARK_CAPTURE(index_key, slow, custody::IndexShape{128, custody::slow::work});

/// The whole call of a host: normalise, find the key, hash.
template <auto Member>
void lookup(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ring().lookup<Member>("138 0013 8000"));
}
BENCHMARK(lookup<&Row::phone>);
BENCHMARK(lookup<&Row::cut>);
BENCHMARK(lookup<&Row::costly>);
BENCHMARK(lookup<&Row::very_costly>);

}  // namespace
