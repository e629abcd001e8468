// SPDX-License-Identifier: Apache-2.0
// Stands in front of malloc(3) for the whole program, and shows that its searches find what is there.
#include "heap.hpp"
#include "custody_catch.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

extern "C" {
void* __libc_malloc(std::size_t);
void __libc_free(void*);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace custody_test {

struct Needles::Table {
  std::size_t count;
  struct {
    const char* name;
    std::size_t size;
    unsigned char masked[longest];
  } each[limit];
};

namespace {

constexpr unsigned char mask = 0xA5;
std::atomic<const Needles*> watched{nullptr};
std::atomic<std::uint32_t> found{0};
thread_local std::size_t taken = 0;

/// Blocks that were freed under a watch, as a list through their first bytes.
struct Kept {
  Kept* next;
};
std::atomic<Kept*> kept{nullptr};

void* take(void* block) {
  ++taken;
  if (block == nullptr) {
    errno = ENOMEM;
    return nullptr;
  }
  std::memset(block, 0, ::malloc_usable_size(block));  // what malloc recycles is not ours to find again
  return block;
}

void give(void* block) {
  if (block == nullptr) return;
  const Needles* const needles = watched.load();
  if (needles == nullptr) return __libc_free(block);
  found |= needles->in(block, ::malloc_usable_size(block));
  auto* const entry = static_cast<Kept*>(block);  // the first eight bytes of the smallest block are lost to a reader
  entry->next = kept.load();
  while (!kept.compare_exchange_weak(entry->next, entry)) {
  }
}

}  // namespace

Needles::Needles()
    : table_(static_cast<Table*>(
          ::mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
  if (table_ == MAP_FAILED) std::abort();
}
Needles::~Needles() { ::munmap(table_, sizeof(Table)); }

void Needles::add(const char* name, const void* secret, std::size_t size) {
  if (table_->count == limit || size > longest || size == 0) std::abort();
  auto& slot = table_->each[table_->count++];
  slot.name = name;
  slot.size = size;
  const volatile unsigned char* const from = static_cast<const unsigned char*>(secret);  // byte by byte, unspilled
  for (std::size_t i = 0; i != size; ++i) slot.masked[i] = static_cast<unsigned char>(from[i] ^ mask);
}

std::uint32_t Needles::in(const void* memory, std::size_t size) const {
  const auto* const begin = static_cast<const unsigned char*>(memory);
  __asm__ volatile("" : : "r"(begin) : "memory");
  std::uint32_t set = 0;
  for (std::size_t n = 0; n != table_->count; ++n) {
    const auto& needle = table_->each[n];
    if (size < needle.size) continue;
    const unsigned char* const end = begin + (size - needle.size + 1);
    for (const unsigned char* at = begin; at < end; ++at) {
      at = static_cast<const unsigned char*>(
          std::memchr(at, needle.masked[0] ^ mask, static_cast<std::size_t>(end - at)));
      if (at == nullptr) break;
      std::size_t same = 1;
      while (same != needle.size && (at[same] ^ mask) == needle.masked[same]) ++same;
      if (same != needle.size) continue;
      set |= 1U << n;
      break;
    }
  }
  return set;
}

std::string Needles::names(std::uint32_t set) const {
  std::string out;
  for (std::size_t n = 0; n != table_->count; ++n) {
    if ((set >> n & 1U) == 0) continue;
    if (!out.empty()) out += ", ";
    out += table_->each[n].name;
  }
  return out;
}
std::uint32_t Needles::all() const { return static_cast<std::uint32_t>((std::uint64_t{1} << table_->count) - 1); }

void Canary::write(void* to, std::size_t size) const {
  volatile unsigned char* const out = static_cast<unsigned char*>(to);
  for (std::size_t i = 0; i != size; ++i) {
    std::uint32_t x = (seed_ * 2654435761U) ^ (static_cast<std::uint32_t>(i / 2 + 1) * 2246822519U);
    x = (x ^ (x >> 15)) * 3266489917U;
    const unsigned bits = (x ^ (x >> 13)) >> (i % 2 * 8);
    out[i] = static_cast<unsigned char>('!' + bits % 89);
  }
}
std::string Canary::text(std::size_t size) const {
  std::string out(size, '\0');
  write(out.data(), size);
  return out;
}
void Canary::remember(Needles& needles, const char* name, std::size_t size) const {
  unsigned char bytes[Needles::longest];
  if (size > sizeof bytes) size = sizeof bytes;
  write(bytes, size);
  needles.add(name, bytes, size);
  std::memset(bytes, 0, sizeof bytes);
  __asm__ volatile("" : : "r"(bytes) : "memory");
}
void Canary::remember_pieces(Needles& needles, const char* name, std::size_t size) const {
  unsigned char bytes[512];
  write(bytes, sizeof bytes);
  for (std::size_t at = 0; at + 8 <= size && at + 8 <= sizeof bytes && at / 8 != Needles::limit - 1; at += 8) {
    needles.add(name, bytes + at, 8);
  }
  std::memset(bytes, 0, sizeof bytes);
  __asm__ volatile("" : : "r"(bytes) : "memory");
}

HeapWatch::HeapWatch(const Needles& needles) {
  found = 0;
  watched = &needles;
}
HeapWatch::~HeapWatch() {
  watched = nullptr;
  for (Kept* at = kept.exchange(nullptr); at != nullptr;) {
    Kept* const next = at->next;
    __libc_free(at);
    at = next;
  }
}
std::uint32_t HeapWatch::freed() const { return found; }

std::size_t blocks_taken() { return taken; }

namespace {
constexpr std::size_t depth = 128UL * 1024;
constexpr std::uintptr_t ended = 1;
}  // namespace

StackReader::StackReader(const Needles& needles) : needles_(needles), thread_([this] { run(); }) {}
StackReader::~StackReader() {
  __atomic_store_n(&top_, ended, __ATOMIC_RELEASE);
  thread_.join();
}
void StackReader::run() {
  while (true) {
    const std::uintptr_t top = __atomic_load_n(&top_, __ATOMIC_ACQUIRE);
    if (top == ended) return;
    if (top == 0) {
      std::this_thread::yield();
      continue;
    }
    found_ = needles_.in(reinterpret_cast<const void*>(top - depth), depth);
    __atomic_store_n(&top_, std::uintptr_t{0}, __ATOMIC_RELEASE);
  }
}

__attribute__((noinline)) void clear_stack() {
  char room[depth];
  std::memset(room, 0, sizeof room);
  __asm__ volatile("" : : "r"(room) : "memory");
}

std::vector<Mapping> mappings_of(std::string_view process) {
  std::ifstream smaps("/proc/" + std::string(process) + "/smaps");
  std::vector<Mapping> all;
  for (std::string line; std::getline(smaps, line);) {
    unsigned long from = 0;
    unsigned long to = 0;
    char rights[5] = "";
    int name = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %4s %*s %*s %*s %n", &from, &to, rights, &name) == 3) {
      all.push_back({from, to, line.substr(static_cast<std::size_t>(name)), rights[0] == 'r', rights[1] == 'w', true,
                     rights[3] == 's'});
    } else if (!all.empty() && line.starts_with("VmFlags:") && (line + " ").find(" dd ") != std::string::npos) {
      all.back().dumped = false;
    }
  }
  return all;
}

namespace {

bool searched(const Mapping& m) {
  return m.readable && m.writable && m.dumped && !m.shared && !m.name.starts_with("[v");
}
void note(std::vector<std::string>& out, const Needles& needles, std::uint32_t set, const Mapping& m) {
  if (set != 0) out.push_back(needles.names(set) + " in " + (m.name.empty() ? "anonymous memory" : m.name));
}

}  // namespace

std::vector<std::string> in_own_memory(const Needles& needles) {
  std::vector<std::string> out;
  for (const Mapping& m : mappings_of("self")) {
    if (searched(m)) note(out, needles, needles.in(reinterpret_cast<const void*>(m.from), m.to - m.from), m);
  }
  return out;
}

std::vector<std::string> in_memory_of(int process, const Needles& needles) {
  const std::string number = std::to_string(process);
  const int memory = ::open(("/proc/" + number + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  std::vector<std::string> out;
  if (memory < 0) return {"memory that cannot be read"};
  for (const Mapping& m : mappings_of(number)) {
    if (!searched(m)) continue;
    std::vector<char> bytes(m.to - m.from);
    const auto got = ::pread(memory, bytes.data(), bytes.size(), static_cast<::off_t>(m.from));
    if (got > 0) note(out, needles, needles.in(bytes.data(), static_cast<std::size_t>(got)), m);
    std::fill(bytes.begin(), bytes.end(), '\0');
  }
  ::close(memory);
  return out;
}

}  // namespace custody_test

extern "C" {
__attribute__((visibility("default"))) void* malloc(std::size_t size) {
  return custody_test::take(__libc_malloc(size));
}
__attribute__((visibility("default"))) void* calloc(std::size_t count, std::size_t size) {
  std::size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) return custody_test::take(nullptr);
  return custody_test::take(__libc_malloc(total));
}
__attribute__((visibility("default"))) void free(void* block) { custody_test::give(block); }
__attribute__((visibility("default"))) void* realloc(void* block, std::size_t size) {
  void* const fresh = custody_test::take(__libc_malloc(size == 0 ? 1 : size));
  if (fresh == nullptr || block == nullptr) return fresh;
  const std::size_t before = ::malloc_usable_size(block);
  std::memcpy(fresh, block, before < size ? before : size);
  custody_test::give(block);  // always moves: what a growing buffer leaves behind is searched
  return fresh;
}
__attribute__((visibility("default"))) void* memalign(std::size_t border, std::size_t size) {
  return custody_test::take(__libc_memalign(border, size));
}
__attribute__((visibility("default"))) void* aligned_alloc(std::size_t border, std::size_t size) {
  return custody_test::take(__libc_memalign(border, size));
}
__attribute__((visibility("default"))) int posix_memalign(void** out, std::size_t border, std::size_t size) {
  *out = custody_test::take(__libc_memalign(border, size));
  return *out == nullptr ? ENOMEM : 0;
}
}
