// SPDX-License-Identifier: Apache-2.0
// What a guarded field costs over libsodium on the same bytes and the same associated data. Prints ratios: every line is
// measured in this run against the hand-written line above it.
#include "world.hpp"

#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using bench::Field;
using bench::Row;

bench::World<custody::XChaCha20Poly1305>& world() { return bench::World<custody::XChaCha20Poly1305>::instance(); }

constexpr std::size_t aad_size = 88;  // what custody binds for this row

/// libsodium by hand: the bytes are copied into a fresh buffer and sealed there.
std::unique_ptr<unsigned char[]> by_hand(const std::string& plain, const unsigned char* key, bool draw) {
  static unsigned char aad[aad_size] = {1};
  auto out = std::make_unique<unsigned char[]>(24 + plain.size() + 16);
  if (draw)
    randombytes_buf(out.get(), 24);
  else
    std::memset(out.get(), 7, 24);
  unsigned long long written = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.get() + 24, &written,
                                             reinterpret_cast<const unsigned char*>(plain.data()), plain.size(), aad,
                                             aad_size, nullptr, out.get(), key);
  return out;
}
bool open_by_hand(std::string& plain, const unsigned char* sealed, std::size_t size, const unsigned char* key) {
  static unsigned char aad[aad_size] = {1};
  plain.resize(size);
  unsigned long long written = 0;
  return crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(plain.data()), &written, nullptr,
                                                    sealed + 24, size + 16, aad, aad_size, sealed, key) == 0;
}
const unsigned char* raw_key() {
  static unsigned char key[32] = {3};
  return key;
}
std::string text_of(benchmark::State& state) { return std::string(static_cast<std::size_t>(state.range(0)), 'm'); }

void raw_cipher(benchmark::State& state) {
  const std::string text = text_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(by_hand(text, raw_key(), false));
}
void raw_seal(benchmark::State& state) {
  const std::string text = text_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(by_hand(text, raw_key(), true));
}
void custody_ingest(benchmark::State& state) {
  const std::string text = text_of(state);
  for (auto _ : state) {
    Field field = text;
    benchmark::DoNotOptimize(field);
  }
}
void raw_rebind(benchmark::State& state) {
  const std::string text = text_of(state);
  const auto sealed = by_hand(text, raw_key(), true);
  for (auto _ : state) {
    std::string plain;
    if (!open_by_hand(plain, sealed.get(), text.size(), raw_key())) state.SkipWithError("open");
    benchmark::DoNotOptimize(by_hand(plain, raw_key(), true));
    sodium_memzero(plain.data(), plain.size());
  }
}
void custody_bind(benchmark::State& state) {
  const Field transient = text_of(state);
  for (auto _ : state) {
    Field field = transient;
    if (!custody::bind<&Row::text>(world().row, field)) state.SkipWithError("bind");
    benchmark::DoNotOptimize(field);
  }
}
void custody_seal_for(benchmark::State& state) {
  const std::string text = text_of(state);
  for (auto _ : state) {
    auto field = custody::seal_for<&Row::text>(world().row, text);
    benchmark::DoNotOptimize(field);
  }
}
void raw_open(benchmark::State& state) {
  const std::string text = text_of(state);
  const auto sealed = by_hand(text, raw_key(), true);
  for (auto _ : state) {
    std::string plain;
    if (!open_by_hand(plain, sealed.get(), text.size(), raw_key())) state.SkipWithError("open");
    benchmark::DoNotOptimize(plain.data());
    sodium_memzero(plain.data(), plain.size());
  }
}
void custody_release(benchmark::State& state) {
  auto field = custody::seal_for<&Row::text>(world().row, text_of(state));
  auto sink = custody::sink<bench::AccountService, "bench">(
      [](std::string_view text) { benchmark::DoNotOptimize(text.data()); });
  for (auto _ : state) {
    if (!field->release(world().permit, sink)) state.SkipWithError("release");
  }
}
void raw_copy(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)) + 46, 'm');
  for (auto _ : state) {
    auto copy = std::make_unique<char[]>(text.size());
    std::memcpy(copy.get(), text.data(), text.size());
    benchmark::DoNotOptimize(copy.get());
  }
}
void custody_copy(benchmark::State& state) {
  auto field = custody::seal_for<&Row::text>(world().row, text_of(state));
  for (auto _ : state) {
    Field copy = *field;
    benchmark::DoNotOptimize(copy);
  }
}

constexpr long sizes[] = {16, 64, 100, 256, 1024, 16384};
struct Pair {
  const char* what;
  const char* custody;
  const char* raw;
};
constexpr Pair pairs[] = {
    {"ingest / copied and sealed by hand", "custody_ingest", "raw_seal"},
    {"ingest / libsodium's call, nonce given", "custody_ingest", "raw_cipher"},
    {"seal_for / copied and sealed by hand", "custody_seal_for", "raw_seal"},
    {"seal_for / libsodium's call, nonce given", "custody_seal_for", "raw_cipher"},
    {"bind / opened and sealed by hand", "custody_bind", "raw_rebind"},
    {"release / opened by hand", "custody_release", "raw_open"},
    {"copy of a bound field / copy of its bytes", "custody_copy", "raw_copy"},
};

/// Keeps the smallest CPU time of each line's repetitions.
class Collect final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      const std::string name = run.run_name.function_name + "/" + run.run_name.args;
      const double time = run.GetAdjustedCPUTime();
      const auto known = best.find(name);
      if (known == best.end() || time < known->second) best[name] = time;
    }
  }
  std::map<std::string, double> best;
};

}  // namespace

int main(int argc, char** argv) {
  if (sodium_init() < 0) return 1;
  const std::pair<const char*, void (*)(benchmark::State&)> lines[] = {{"raw_cipher", raw_cipher},
                                                                       {"raw_seal", raw_seal},
                                                                       {"custody_ingest", custody_ingest},
                                                                       {"custody_seal_for", custody_seal_for},
                                                                       {"raw_rebind", raw_rebind},
                                                                       {"custody_bind", custody_bind},
                                                                       {"raw_open", raw_open},
                                                                       {"custody_release", custody_release},
                                                                       {"raw_copy", raw_copy},
                                                                       {"custody_copy", custody_copy}};
  const bool quick = std::getenv("CUSTODY_BENCH_QUICK") != nullptr;  // does every line run?
  for (const auto& [name, line] : lines) {
    auto* added = benchmark::RegisterBenchmark(name, line);
    for (const long size : sizes) added->Arg(size);
    added->Repetitions(quick ? 1 : 25)->MinTime(quick ? 0.0001 : 0.01);
  }
  benchmark::Initialize(&argc, argv);
  Collect times;
  benchmark::RunSpecifiedBenchmarks(&times);
  std::printf("%-44s", "ratio, bytes of plaintext:");
  for (const long size : sizes) std::printf("%8ld", size);
  std::printf("\n");
  for (const Pair& pair : pairs) {
    std::printf("%-44s", pair.what);
    for (const long size : sizes) {
      std::string at(1, '/');  // appended to: g++ 12 -O3 warns of what "/" + text does
      at += std::to_string(size);
      std::printf("%8.2f", times.best[pair.custody + at] / times.best[pair.raw + at]);
    }
    std::printf("\n");
  }
  return 0;
}
