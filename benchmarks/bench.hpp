// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the benchmark programs share: the work of every line, its check, and the run that prints and writes json.
namespace bench {

using Bytes = std::vector<unsigned char>;
using View = std::span<const unsigned char>;

inline constexpr long sizes[] = {16, 64, 65, 100, 193, 256, 448, 512, 1024, 4096, 16384, 65536, 1L << 20};

enum class Algorithm { xchacha20_poly1305, chacha20_poly1305_ietf, aes256_gcm, aegis256, sm4_gcm };
[[nodiscard]] constexpr std::size_t nonce_size(Algorithm algorithm) noexcept {
  return algorithm == Algorithm::xchacha20_poly1305 ? 24 : algorithm == Algorithm::aegis256 ? 32 : 12;
}
[[nodiscard]] constexpr std::size_t tag_size(Algorithm algorithm) noexcept {
  return algorithm == Algorithm::aegis256 ? 32 : 16;
}

/// The key and the associated data of every line; the latter are the bytes that custody binds for a row.
[[nodiscard]] const unsigned char* key() noexcept;
[[nodiscard]] View associated_data() noexcept;
/// What libsodium makes of a message under key() and associated_data(); empty when it has no such algorithm.
[[nodiscard]] Bytes reference(Algorithm algorithm, View plain, const unsigned char* nonce);

/// One message: plaintext, nonce, and a buffer for the sealed bytes.
struct Message {
  Bytes plain, nonce, sealed;
  Message(Algorithm algorithm, std::size_t size)
      : plain(size), nonce(nonce_size(algorithm), 7), sealed(size + tag_size(algorithm)) {
    for (std::size_t i = 0; i != size; ++i) plain[i] = static_cast<unsigned char>('a' + i % 23);
  }
};

/// A cipher is a class with `algorithm`, `bool seal(out, plain, size, nonce)` that writes size + tag_size bytes,
/// `bool open(out, sealed, size, nonce)` that writes `size` bytes, and `bool draw(nonce)`, its library's random bytes.
/// Why it does not do what libsodium does, or null.
template <class Cipher>
[[nodiscard]] const char* fault(Cipher& cipher, Message& message) {
  const std::size_t size = message.plain.size();
  if (!cipher.seal(message.sealed.data(), message.plain.data(), size, message.nonce.data())) return "seal failed";
  const Bytes wanted = reference(Cipher::algorithm, message.plain, message.nonce.data());
  if (!wanted.empty() && wanted != message.sealed) return "sealed bytes differ from libsodium's";
  Bytes opened(size);
  if (!cipher.open(opened.data(), message.sealed.data(), size, message.nonce.data())) return "open failed";
  if (opened != message.plain) return "opened bytes differ from the plaintext";
  message.sealed.back() ^= 1U;
  const bool forged = cipher.open(opened.data(), message.sealed.data(), size, message.nonce.data());
  message.sealed.back() ^= 1U;
  return forged ? "a forged tag was taken" : nullptr;
}

/// One operation of one cipher on one size. With `own`, as its users call it: its own random nonce and a fresh result
/// buffer for each message; otherwise the nonce is given and the buffer is the caller's.
template <class Cipher, bool Own>
void seal_line(benchmark::State& state) {
  constexpr std::size_t nonce = nonce_size(Cipher::algorithm);
  const auto size = static_cast<std::size_t>(state.range(0));
  Cipher cipher;
  Message message(Cipher::algorithm, size);
  if (const char* why = fault(cipher, message); why != nullptr) state.SkipWithError(why);
  bool good = true;
  for (auto _ : state) {
    if constexpr (Own) {
      const std::unique_ptr<unsigned char[]> out(new unsigned char[nonce + message.sealed.size()]);
      good = good && cipher.draw(out.get()) && cipher.seal(out.get() + nonce, message.plain.data(), size, out.get());
      benchmark::DoNotOptimize(out.get());
    } else {
      good = cipher.seal(message.sealed.data(), message.plain.data(), size, message.nonce.data()) && good;
      benchmark::DoNotOptimize(message.sealed.data());
    }
    benchmark::ClobberMemory();
  }
  if (!good) state.SkipWithError("seal failed");
}
template <class Cipher, bool Own>
void open_line(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  Cipher cipher;
  Message message(Cipher::algorithm, size);
  if (const char* why = fault(cipher, message); why != nullptr) state.SkipWithError(why);
  Bytes kept(size);
  bool good = true;
  for (auto _ : state) {
    if constexpr (Own) {
      const std::unique_ptr<unsigned char[]> out(new unsigned char[size]);
      good = cipher.open(out.get(), message.sealed.data(), size, message.nonce.data()) && good;
      benchmark::DoNotOptimize(out.get());
    } else {
      good = cipher.open(kept.data(), message.sealed.data(), size, message.nonce.data()) && good;
      benchmark::DoNotOptimize(kept.data());
    }
    benchmark::ClobberMemory();
  }
  if (!good) state.SkipWithError("open failed");
}

/// Adds a line `operation/who`, at every size.
template <class Line>
void add_sizes(std::string_view operation, std::string_view who, Line line) {
  std::string name(operation);
  name.append(1, '/').append(who);
  auto* added = benchmark::RegisterBenchmark(name.c_str(), line);
  for (const long size : sizes) added->Arg(size);
}
template <class Line>
void add(std::string_view name, Line line) {
  benchmark::RegisterBenchmark(std::string(name).c_str(), line);
}
/// Adds seal and open of a cipher, nonce given.
template <class Cipher>
void add_given(std::string_view who) {
  add_sizes("seal", who, seal_line<Cipher, false>);
  add_sizes("open", who, open_line<Cipher, false>);
}
/// Adds seal and open of a cipher as its users call it.
template <class Cipher>
void add_own(std::string_view who) {
  add_sizes("seal_own", who, seal_line<Cipher, true>);
  add_sizes("open_own", who, open_line<Cipher, true>);
}

/// The peers that were found at configure time add their lines and their versions.
void add_openssl();
void add_botan();
void add_cryptopp();

[[nodiscard]] inline std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  std::string line, family, model, name = "unknown";
  while (std::getline(file, line) && !line.empty()) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    const std::string value = line.substr(colon + 2);
    if (line.starts_with("model name")) name = value;
    if (line.starts_with("cpu family")) family = value;
    if (line.starts_with("model\t")) model = value;
  }
  return family.empty() ? name : name + " (family " + family + ", model " + model + ")";
}

/// Puts machine and compiler into the context that is printed and written.
inline void describe() {
  ::utsname system{};
  static_cast<void>(::uname(&system));
  benchmark::AddCustomContext("cpu", cpu_model());
  const std::string_view release = system.release;  // what a distributor adds says nothing
  const std::string kernel(release.substr(0, release.find('-')));
  benchmark::AddCustomContext("kernel", std::string(system.sysname) + " " + kernel + " " + system.machine);
#if defined(__clang__)
  benchmark::AddCustomContext("compiler", "clang " __clang_version__);
#else
  benchmark::AddCustomContext("compiler", "g++ " __VERSION__);
#endif
  benchmark::AddCustomContext("flags", CUSTODY_BENCH_FLAGS);
  benchmark::AddCustomContext("missing", CUSTODY_BENCH_MISSING);
}

/// Keeps the smallest CPU time of each line's repetitions, and the lines that failed.
class Collect final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      if (failed(run)) {
        std::fprintf(stderr, "FAILED %s: %s\n", run.run_name.str().c_str(), reason(run).c_str());
        ++failures;
        continue;
      }
      const std::string name = run.run_name.function_name;
      if (!times.contains(name)) order.push_back(name);
      const long size = run.run_name.args.empty() ? 0 : std::stol(run.run_name.args);
      const auto [at, fresh] = times[name].try_emplace(size, run.GetAdjustedCPUTime());
      if (!fresh) at->second = std::min(at->second, run.GetAdjustedCPUTime());
    }
  }
  /// Nanoseconds, one row for each line.
  void print() {
    std::sort(order.begin(), order.end());
    for (const std::string& name : order) {
      std::printf("%-58s", name.c_str());
      for (const auto& [size, time] : times[name]) std::printf(" %9.1f", time);
      std::printf("\n");
    }
  }
  std::map<std::string, std::map<long, double>> times;
  std::vector<std::string> order;
  int failures = 0;

 private:
  // Google Benchmark 1.8 renamed what 1.7 has.
  template <class Any>
  [[nodiscard]] static bool failed(const Any& run) {
    if constexpr (requires { run.error_occurred; })
      return run.error_occurred;
    else
      return static_cast<int>(run.skipped) != 0;
  }
  template <class Any>
  [[nodiscard]] static std::string reason(const Any& run) {
    if constexpr (requires { run.error_message; })
      return run.error_message;
    else
      return run.skip_message;
  }
};

/// Runs what was added: thread CPU time, repetitions in random order. `--quick` runs every line once and briefly. The
/// program fails when a line does.
inline int run(int argc, char** argv) {
  bool quick = false;
  std::vector<std::string> arguments{argv[0]};
  for (int i = 1; i < argc; ++i) quick = quick || std::string_view(argv[i]) == "--quick";
  arguments.emplace_back(quick ? "--benchmark_min_time=0.0001" : "--benchmark_min_time=0.004");
  arguments.emplace_back(quick ? "--benchmark_repetitions=1" : "--benchmark_repetitions=21");
  arguments.emplace_back("--benchmark_enable_random_interleaving=true");
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--quick") arguments.emplace_back(argv[i]);
  }
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  describe();
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 1;
  Collect collect;
  const std::size_t lines = benchmark::RunSpecifiedBenchmarks(&collect);
  collect.print();
  benchmark::Shutdown();
  std::fprintf(stderr, "%zu lines ran, %d failed\n", lines, collect.failures);
  return lines == 0 || collect.failures != 0 ? 1 : 0;
}

}  // namespace bench
