// SPDX-License-Identifier: Apache-2.0
// Values that one shared object sealed are opened, bound, bound again and read by the other, both with hidden
// visibility and built with different language options (R7).
#include "module.hpp"

#include <cstdio>

namespace {

struct Silent final : custody::Witness {
  custody::Result<void> record(std::span<const custody::Event>) noexcept override { return {}; }
};
struct Willing final : custody::Authority {
  custody::Result<void> decide(const custody::Question&) noexcept override { return {}; }
};

int failures = 0;

void check(bool good, const char* from, const char* what) {
  std::printf("%s %s: %s\n", good ? "ok    " : "FAILED", from, what);
  failures += good ? 0 : 1;
}
void check(const custody::Result<void>& done, const char* from, const char* what) {
  check(done.has_value(), from, what);
  if (!done) std::printf("       %s\n", custody::text(done.error().code));
}

void exchange(HostRing& keys, const Module& a, const Module& b, const char* from) {
  const std::string phone = "+8615400010000000099";
  const std::string number = "11010119900307009900000099X";
  Person person;
  person.account = from;
  check(keys.enrol(from).has_value(), from, "enrol");
  a.fill(person, std::string(phone), std::string(number));
  check(b.settle(keys, person), from, "bind a transient value of the other module");
  check(b.holds(keys, person, phone, number), from, "release it there");
  check(a.holds(keys, person, phone, number), from, "release it here");
  const std::string text = b.stored(person);
  check(a.settle(keys, person), from, "bind it again here");
  check(!text.empty() && a.stored(person) == text, from, "nothing was sealed again");
  Person read;
  read.account = from;
  check(a.load(keys, text, read), from, "read it here");
  check(b.settle(keys, read), from, "bind it again there");
  check(b.stored(read) == text, from, "nothing was sealed again there");
  check(b.holds(keys, read, phone, number), from, "release what was read here");
}

}  // namespace

int main() {
  custody::MemoryKeyStore store;
  Silent witness;
  Willing authority;
  custody::SystemClock clock;
  const std::string bytes(32, 'k');
  auto root = custody::RootKey::from_bytes(custody::as_bytes(bytes));
  if (!root) return 2;
  auto keys = HostRing::open(store, *root, witness, authority, clock);
  if (!keys) return 2;
  exchange(*keys, left_module(), right_module(), "left to right");
  exchange(*keys, right_module(), left_module(), "right to left");
  return failures == 0 ? 0 : 1;
}
