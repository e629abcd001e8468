// SPDX-License-Identifier: Apache-2.0
// A process with values, keys and permits forks: both go on, and nothing that they seal has a nonce or a process key in
// common.
#include "custody_catch.hpp"
#include "temp_dir.hpp"
#include "world.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

#include <sys/mman.h>

using namespace custody_test;

namespace {

/// Heads of envelopes, header and nonce, in pages that children share.
class Heads {
 public:
  static constexpr std::size_t size = 30;
  explicit Heads(std::size_t room)
      : room_(room),
        bytes_(static_cast<unsigned char*>(
            ::mmap(nullptr, room * size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  Heads(const Heads&) = delete;
  Heads& operator=(const Heads&) = delete;
  ~Heads() { ::munmap(bytes_, room_ * size); }

  template <class Field>
  void put(std::size_t at, const Field& field) {
    const c::ByteView envelope = c::detail::CellOffice::cell(field).envelope();
    std::memcpy(bytes_ + at * size, envelope.data(), envelope.size() < size ? envelope.size() : size);
  }
  [[nodiscard]] std::uint32_t generation(std::size_t at) const {
    const unsigned char* const head = bytes_ + at * size;
    return head[3] | static_cast<std::uint32_t>(head[4]) << 8 | static_cast<std::uint32_t>(head[5]) << 16;
  }
  /// Different nonces of `length` bytes.
  [[nodiscard]] std::size_t nonces(std::size_t length) const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i != room_; ++i) {
      all.emplace_back(reinterpret_cast<const char*>(bytes_) + i * size + 6, length);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all.size() - (all.front() == std::string(length, '\0') ? 1U : 0U);
  }

 private:
  std::size_t room_;
  unsigned char* bytes_;
};

/// Ten transient, ten pooled and ten kernel-drawn seals from `at` on.
template <class AnyWorld>
[[nodiscard]] bool seal_thirty(AnyWorld& world, const c::Subject& person, Heads& heads, std::size_t at) {
  const auto row = world.template row<Account>("row", person);
  for (std::size_t i = 0; i != 10; ++i) {
    Account account;
    account.email = "transient";
    auto pooled = c::seal_for<&Account::phone>(row, "15400059572");
    auto kernel = c::seal_for<&Account::id_number>(row, "459999197310212864");
    if (!account.email.ingested() || !pooled || !kernel) return false;
    heads.put(at + i, account.email);
    heads.put(at + 10 + i, *pooled);
    heads.put(at + 20 + i, *kernel);
  }
  return true;
}

using GcmWorld = BasicWorld<Demo, c::Aes256Gcm>;

}  // namespace

TEMPLATE_TEST_CASE("parent, children and grandchildren seal under one subject's key, all with their own nonces",
                   "[fork]", World, GcmWorld) {
  if (std::is_same_v<TestType, GcmWorld> && !c::suite_available(c::SuiteId::aes256_gcm)) return;
  TestType world;
  const auto person = world.person("u1");
  Heads heads(7 * 30);
  REQUIRE(seal_thirty(world, person, heads, 0));
  for (std::size_t child = 1; child != 4; ++child) {
    REQUIRE(in_child([&] {
              if (!seal_thirty(world, person, heads, child * 30)) return 1;
              if (child == 3) return 0;
              return in_child([&] { return seal_thirty(world, person, heads, (child + 3) * 30) ? 0 : 2; });
            }) == 0);
  }
  REQUIRE(in_child([&] { return 0; }) == 0);
  REQUIRE(seal_thirty(world, person, heads, 6 * 30));
  CHECK(heads.nonces(12) == 7 * 30);
  std::vector<std::uint32_t> numbers;
  for (std::size_t process = 0; process != 6; ++process) numbers.push_back(heads.generation(process * 30));
  CHECK(heads.generation(0) == heads.generation(6 * 30));  // the parent's own, before and after
  std::sort(numbers.begin(), numbers.end());
  CHECK(std::unique(numbers.begin(), numbers.end()) == numbers.end());
}

TEST_CASE("what was given and sealed before a fork is read and bound in the child, and in its child", "[fork]") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  const auto permit = world.permit<AccountService>(person);
  Account account;
  account.phone = "15400059572";
  auto bound = c::seal_for<&Account::email>(row, "a@example.org");
  REQUIRE(bound);
  const auto reads = [&] {
    Account mine;
    mine.phone = account.phone;
    if (released(*bound, permit) != "a@example.org") return 1;
    if (!c::bind<&Account::phone>(row, mine.phone)) return 2;
    if (released(mine.phone, permit) != "15400059572") return 3;
    mine.tags = std::vector<std::string>{"later"};
    if (!c::bind<&Account::tags>(row, mine.tags)) return 4;
    auto another = world.permit<AccountService>(world.person("u1"));
    return released(*bound, another) == "a@example.org" ? 0 : 5;
  };
  CHECK(in_child([&] {
          if (const int mine = reads(); mine != 0) return mine;
          const int nested = in_child(reads);
          return nested == 0 ? 0 : 10 + nested;
        }) == 0);
  CHECK(reads() == 0);
}

TEST_CASE("a thread forks in the middle of others that seal and open", "[fork]") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  const auto permit = world.permit<AccountService>(person);
  auto bound = c::seal_for<&Account::email>(row, "a@example.org");
  REQUIRE(bound);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> busy;
  for (int i = 0; i != 2; ++i) {
    busy.emplace_back([&] {
      while (!stop) {
        auto made = c::seal_for<&Account::phone>(row, "15400059572");
        if (!made || c::detail::SecretSlot<c::detail::SlotClass::key>::take().data() == nullptr) ++wrong;
      }
    });
  }
  Heads heads(20);
  for (std::size_t i = 0; i != 20; ++i) {  // only what takes no lock of the witness: that is the host's to guard
    const int ended = in_child([&] {
      auto mine = c::seal_for<&Account::phone>(row, "15400059572");
      if (!mine) return 1;
      heads.put(i, *mine);
      return bound->has_value() ? 0 : 2;
    });
    if (ended != 0) ++wrong;
  }
  stop = true;
  for (std::thread& one : busy) one.join();
  CHECK(wrong == 0);
  CHECK(heads.nonces(24) == 20);
}

TEST_CASE("a transient key is replaced after its number of seals, and what it sealed is still read", "[fork]") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  Account account;
  account.phone = "before";
  const auto* const old = c::detail::process_keys().current();
  REQUIRE(old != nullptr);
  old->seals.store(c::detail::ProcessKeys::seals_per_key);
  Heads heads(c::detail::ProcessKeys::batch + 2);
  heads.put(0, account.phone);
  for (std::size_t i = 0; i <= c::detail::ProcessKeys::batch; ++i) {
    account.email = "after";
    heads.put(1 + i, account.email);
  }
  CHECK(heads.generation(c::detail::ProcessKeys::batch + 1) != old->number);
  REQUIRE(c::bind<&Account::phone>(row, account.phone));
  REQUIRE(c::bind<&Account::email>(row, account.email));
  CHECK(released(account.phone, permit) == "before");
  CHECK(released(account.email, permit) == "after");
  CHECK(heads.nonces(24) == c::detail::ProcessKeys::batch + 2);
}

TEST_CASE("nonces stay different when keys are evicted and unwrapped again", "[fork]") {
  World world;
  const auto talk = [&] {
    const c::Subject both[] = {world.person("u1"), world.person("u2")};
    return std::move(*world.ring().converse(both));
  }();
  constexpr std::size_t rounds = 40;
  Heads heads(rounds * 30);
  const c::detail::ContentKey* before = nullptr;
  std::size_t fresh = 0;
  c::Binding held;  // keeps the key before alive, so that a new one has another address
  for (std::size_t round = 0; round != rounds; ++round) {
    const c::Subject both[] = {world.person("u1"), world.person("u2")};
    const auto row = world.row<Account>("row", both[0]);
    const auto* const key = c::BindingOffice::body(row)->key.get();
    fresh += key != before ? 1U : 0U;
    before = key;
    held = row;
    REQUIRE(seal_thirty(world, both[0], heads, round * 30));
    if (round % 4 == 0) REQUIRE(world.ring().regroup(talk, std::span<const c::Subject>(both, 1)));  // evicts all
    if (round % 7 == 3) world.reopen();
  }
  CHECK(heads.nonces(12) == rounds * 30);
  CHECK(fresh > 5);  // the positive control: there were evictions
}
