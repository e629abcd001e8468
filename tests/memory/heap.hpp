// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// Looks for secrets in memory that is not meant to hold them. heap_test.cpp stands in front of malloc(3) and its like
/// for the whole program, libsodium included.
namespace custody_test {

/// What is looked for, up to 16 runs of bytes in pages that a forked child shares. They are kept masked, so that a
/// search never finds the list itself.
class Needles {
 public:
  static constexpr std::size_t limit = 16;
  static constexpr std::size_t longest = 64;
  Needles();
  Needles(const Needles&) = delete;
  Needles& operator=(const Needles&) = delete;
  ~Needles();

  /// Remembers at most 64 bytes under a name of static storage.
  void add(const char* name, const void* secret, std::size_t size);
  /// A set of the needles in a stretch of memory: bit i is the i-th that was added.
  [[nodiscard]] std::uint32_t in(const void* memory, std::size_t size) const;
  /// Their names, for a message.
  [[nodiscard]] std::string names(std::uint32_t set) const;
  [[nodiscard]] std::uint32_t all() const;

 private:
  struct Table;
  Table* table_;
};

/// Unlike any text of the program, kept masked: `give()` writes it where it is wanted and nowhere else.
class Canary {
 public:
  explicit Canary(unsigned seed) : seed_(seed) {}
  /// Writes `size` bytes, no eight of which come twice.
  void write(void* to, std::size_t size) const;
  [[nodiscard]] std::string text(std::size_t size) const;
  /// Adds the first bytes as one needle, or each eight of them as its own when they may lie scattered.
  void remember(Needles& needles, const char* name, std::size_t size) const;
  void remember_pieces(Needles& needles, const char* name, std::size_t size) const;

 private:
  unsigned seed_;
};

/// While one lives, each block that is freed is searched, and blocks are kept rather than given back, so that reading one
/// afterwards is allowed. One at a time; any thread may allocate.
class HeapWatch {
 public:
  explicit HeapWatch(const Needles& needles);
  HeapWatch(const HeapWatch&) = delete;
  HeapWatch& operator=(const HeapWatch&) = delete;
  ~HeapWatch();
  /// The needles that were in a block when it was freed.
  [[nodiscard]] std::uint32_t freed() const;
};

/// Blocks of memory that this thread has taken so far, by whichever function.
[[nodiscard]] std::size_t blocks_taken();

/// Reads the 128 KiB below a function's frame, which functions before have used and left, from another thread: a reader
/// on the same stack would overwrite what it is after.
class StackReader {
 public:
  explicit StackReader(const Needles& needles);
  StackReader(const StackReader&) = delete;
  StackReader& operator=(const StackReader&) = delete;
  ~StackReader();
  /// The needles below, and in, the frame of the calling function. No call is made on its stack.
  [[gnu::always_inline]] std::uint32_t look() {
    __atomic_store_n(&top_, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)), __ATOMIC_RELEASE);
    while (__atomic_load_n(&top_, __ATOMIC_ACQUIRE) != 0) {
    }
    return found_;
  }

 private:
  void run();
  const Needles& needles_;
  std::uintptr_t top_ = 0;
  std::uint32_t found_ = 0;
  std::thread thread_;
};
/// Overwrites what functions before have left on this thread's stack.
void clear_stack();

/// One mapping of a process.
struct Mapping {
  std::uintptr_t from = 0;
  std::uintptr_t to = 0;
  std::string name;  ///< "[heap]", "[stack]", a file, or empty
  bool readable = false;
  bool writable = false;
  bool dumped = true;  ///< false with the flag that core dumps leave it out
  bool shared = false;
};
/// What /proc says of a process, "self" or a number.
[[nodiscard]] std::vector<Mapping> mappings_of(std::string_view process);

/// Where the needles are in this process's writable memory that a core dump holds: "name in region" for each.
[[nodiscard]] std::vector<std::string> in_own_memory(const Needles& needles);
/// The same for another process that stands still, read through /proc.
[[nodiscard]] std::vector<std::string> in_memory_of(int process, const Needles& needles);

}  // namespace custody_test
