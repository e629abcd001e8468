// SPDX-License-Identifier: Apache-2.0
// dump_memory --list FILE [--name PART]... [--without PART]... [--expect none|all]
//             [--at pause|abort] [--image FILE] -- PROGRAM ARGUMENT...
//
// Starts PROGRAM, waits until it prints READY (its PAUSE command) or until SIGABRT stops it (CRASH: what a core dump
// would hold), and searches every readable and writable mapping for the sentinels, as find_sentinels does for files.
// --image also writes these mappings to a file, one after the other. Exit codes are those of find_sentinels, and 77
// when the system does not let a parent read its child. Every wait ends after 60 seconds; the child dies with its
// parent.
#include "sentinels.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using sentinels::Pattern;
using sentinels::Searcher;
using sentinels::Sentinel;
using sentinels::Verdict;
using Clock = std::chrono::steady_clock;

constexpr int not_permitted = 77;
constexpr int exec_failed = 126;
constexpr std::chrono::seconds patience{60};
constexpr std::size_t chunk_size = 1U << 16U;
constexpr std::uint64_t largest_mapping = 256U << 20U;  // a sanitizer's shadow is terabytes

struct Options {
  sentinels::Selection selection;
  bool at_abort = false;
  std::string image;
  std::vector<std::string> program;
};

/// A descriptor that is closed once.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] int get() const { return fd_; }
  void set(int fd) { fd_ = fd; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

/// The program under test; killed and reaped at the end whatever happened.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
  }

  bool start(const Options& options) {
    int to_child[2] = {-1, -1};
    int from_child[2] = {-1, -1};
    if (::pipe2(to_child, O_CLOEXEC) != 0) return false;
    input_.set(to_child[1]);
    const Descriptor child_input(to_child[0]);
    if (::pipe2(from_child, O_CLOEXEC) != 0) return false;
    output_.set(from_child[0]);
    const Descriptor child_output(from_child[1]);
    std::vector<char*> arguments;
    std::vector<std::string> words = options.program;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) become(arguments, child_input.get(), child_output.get(), options.at_abort);
    return pid_ > 0;
  }

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Reads the child's output until it has printed `line`, or to its end when `line` is empty.
  bool read_until(std::string_view line) {
    const auto deadline = Clock::now() + patience;
    const std::string wanted_line = std::string(1, '\n').append(line).append(1, '\n');
    std::string text = "\n";
    std::vector<char> buffer(4096);
    while (true) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      pollfd wanted{output_.get(), POLLIN, 0};
      if (left <= 0 || ::poll(&wanted, 1, static_cast<int>(left)) <= 0) return false;
      const ssize_t got = ::read(output_.get(), buffer.data(), buffer.size());
      if (got <= 0) return line.empty() && got == 0;
      text.append(buffer.data(), static_cast<std::size_t>(got));
      if (!line.empty() && text.find(wanted_line) != std::string::npos) return true;
      if (text.size() > chunk_size) text.erase(0, text.size() - buffer.size());
    }
  }

  /// Lets a paused child finish; true when it exits with 0.
  bool finish() {
    input_.close();
    if (!read_until("")) return false;
    int status = 0;
    if (!wait(status)) return false;
    pid_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  /// Runs a traced child until SIGABRT stops it. 0 when it did, else an exit code of ours.
  int run_to_abort() {
    int status = 0;
    while (wait(status)) {
      if (!WIFSTOPPED(status)) {
        pid_ = -1;
        return WIFEXITED(status) && WEXITSTATUS(status) == not_permitted ? not_permitted
                                                                         : static_cast<int>(Verdict::no_answer);
      }
      const int signal = WSTOPSIG(status);
      if (signal == SIGABRT) return 0;
      const long pass = signal == SIGTRAP ? 0 : signal;
      if (::ptrace(PTRACE_CONT, pid_, nullptr, pass) != 0) return not_permitted;
    }
    return Verdict::no_answer;
  }

 private:
  [[noreturn]] static void become(const std::vector<char*>& arguments, int input, int output, bool traced) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (traced) output = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    if (traced && ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(not_permitted);
    ::execv(arguments.front(), arguments.data());
    ::_exit(exec_failed);
  }

  /// A change of the child's state within our patience.
  bool wait(int& status) const {
    const auto deadline = Clock::now() + patience;
    while (Clock::now() < deadline) {
      const pid_t changed = ::waitpid(pid_, &status, WNOHANG);
      if (changed == pid_) return true;
      if (changed < 0) return false;
      ::usleep(2000);
    }
    return false;
  }

  pid_t pid_ = -1;
  Descriptor input_;
  Descriptor output_;
};

struct Mapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string owner;
};

std::string process_file(pid_t pid, std::string_view name) {
  return std::string("/proc/").append(std::to_string(pid)).append(name);
}

std::vector<Mapping> writable_mappings(pid_t pid, std::size_t& skipped) {
  std::vector<Mapping> out;
  std::ifstream maps(process_file(pid, "/maps"));
  for (std::string line; std::getline(maps, line);) {
    unsigned long long begin = 0;
    unsigned long long end = 0;
    char access[5] = {};
    int name = 0;
    if (std::sscanf(line.c_str(), "%llx-%llx %4s %*s %*s %*s %n", &begin, &end, access, &name) != 3) continue;
    if (access[0] != 'r' || access[1] != 'w') continue;
    if (end - begin > largest_mapping) {
      ++skipped;
      continue;
    }
    const std::string owner = name > 0 ? line.substr(static_cast<std::size_t>(name)) : "";
    out.push_back({begin, end, owner.empty() ? "[anonymous]" : owner});
  }
  return out;
}

/// Searches the memory of a stopped or waiting process.
class Scan {
 public:
  Scan(const Options& options, const std::vector<Sentinel>& list)
      : list_(list), searcher_(sentinels::patterns_of(list)), chunk_(chunk_size, '\0'), zeroes_(chunk_size, '\0') {
    if (!options.image.empty()) image_.open(options.image, std::ios::binary | std::ios::trunc);
  }

  /// 0, or the exit code that says why not.
  int run(pid_t pid) {
    const Descriptor memory(::open(process_file(pid, "/mem").c_str(), O_RDONLY | O_CLOEXEC));
    if (memory.get() < 0)
      return errno == EACCES || errno == EPERM ? not_permitted : static_cast<int>(Verdict::no_answer);
    std::size_t skipped = 0;
    const std::vector<Mapping> mappings = writable_mappings(pid, skipped);
    for (const Mapping& mapping : mappings) search(memory.get(), mapping);
    std::printf("%zu mappings, %zu bytes read, %zu mappings too large, %zu unreadable\n", mappings.size(), bytes_,
                skipped, unreadable_);
    return bytes_ > 0 ? 0 : static_cast<int>(Verdict::no_answer);
  }

  [[nodiscard]] Verdict judge(bool expect_all) const {
    std::printf("total: %zu of %zu sentinels found in memory, %zu hits\n", found_.size(), list_.size(), hits_);
    if (!expect_all) return found_.empty() ? Verdict::as_wanted : Verdict::not_as_wanted;
    for (std::size_t i = 0; i < list_.size(); ++i) {
      if (found_.count(i) == 0) std::printf("MISSING %s\n", list_[i].name.c_str());
    }
    return found_.size() == list_.size() ? Verdict::as_wanted : Verdict::not_as_wanted;
  }

 private:
  void search(int memory, const Mapping& mapping) {
    std::string window;
    for (std::uint64_t at = mapping.begin; at < mapping.end;) {
      const std::size_t want =
          mapping.end - at < chunk_.size() ? static_cast<std::size_t>(mapping.end - at) : chunk_.size();
      const ssize_t read = ::pread(memory, chunk_.data(), want, static_cast<off_t>(at));
      if (read <= 0) {
        ++unreadable_;
        return;
      }
      const auto got = static_cast<std::size_t>(read);
      if (image_.is_open()) image_.write(chunk_.data(), read);
      if (std::memcmp(chunk_.data(), zeroes_.data(), got) == 0) {
        window.clear();  // untouched memory, most of what a sanitizer maps
      } else {
        search(window, got, at, mapping);
      }
      at += got;
      bytes_ += got;
    }
  }

  /// The first `got` bytes of the chunk, which stand at `at`, behind the end of the chunk before.
  void search(std::string& window, std::size_t got, std::uint64_t at, const Mapping& mapping) {
    const std::size_t seen = window.size();
    const std::uint64_t base = at - seen;
    window.append(chunk_, 0, got);
    searcher_.search(window, seen,
                     [&](const Pattern& pattern, std::size_t offset) { report(pattern, base + offset, mapping); });
    if (window.size() >= searcher_.longest()) window.erase(0, window.size() - searcher_.longest() + 1);
  }

  void report(const Pattern& pattern, std::uint64_t address, const Mapping& mapping) {
    std::printf("FOUND %s as %.*s at 0x%llx in %s\n", list_[pattern.sentinel].name.c_str(),
                static_cast<int>(pattern.encoding.size()), pattern.encoding.data(),
                static_cast<unsigned long long>(address), mapping.owner.c_str());
    found_.insert(pattern.sentinel);
    ++hits_;
  }

  const std::vector<Sentinel>& list_;
  Searcher searcher_;
  std::string chunk_;
  const std::string zeroes_;
  std::ofstream image_;
  std::set<std::size_t> found_;
  std::size_t hits_ = 0;
  std::size_t bytes_ = 0;
  std::size_t unreadable_ = 0;
};

bool parse(const std::vector<std::string>& arguments, Options& options) {
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const std::string& value = arguments[i + 1];
    if (arguments[i] == "--") {
      options.program.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      return true;
    }
    if (arguments[i] == "--image") {
      options.image = value;
    } else if (arguments[i] == "--at" && (value == "pause" || value == "abort")) {
      options.at_abort = value == "abort";
    } else if (!options.selection.take(arguments[i], value)) {
      return false;
    }
  }
  return false;
}

int run(const Options& options) {
  const std::vector<Sentinel> list = options.selection.read();
  Child child;
  if (list.empty() || !child.start(options)) {
    std::fprintf(stderr, "dump_memory: nothing to look for, or no child\n");
    return Verdict::no_answer;
  }
  if (options.at_abort) {
    if (const int trouble = child.run_to_abort(); trouble != 0) {
      std::fprintf(stderr, "dump_memory: the program did not abort\n");
      return trouble;
    }
  } else if (!child.read_until("READY")) {
    std::fprintf(stderr, "dump_memory: the program did not pause\n");
    return Verdict::no_answer;
  }
  Scan scan(options, list);
  if (const int trouble = scan.run(child.pid()); trouble != 0) return trouble;
  if (!options.at_abort && !child.finish()) {
    std::fprintf(stderr, "dump_memory: the program did not end well after the pause\n");
    return Verdict::no_answer;
  }
  return scan.judge(options.selection.expect_all);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(std::vector<std::string>(argv + 1, argv + argc), options) || options.program.empty()) {
    std::fprintf(stderr, "dump_memory: see the head of dump_memory.cpp for its options\n");
    return Verdict::no_answer;
  }
  return run(options);
}
