// SPDX-License-Identifier: Apache-2.0
// The kernel stops giving random bytes at any call of a put: it has happened, or it has not and nothing was written.
#include "vault_support.hpp"

#include <cerrno>
#include <thread>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr long unlimited = -1;
thread_local long calls_left = unlimited;  ///< of getrandom(2) in this thread before it fails

}  // namespace

extern "C" __attribute__((visibility("default"))) ssize_t getrandom(void* out, size_t length, unsigned flags) {
  if (calls_left == 0) {
    errno = EIO;
    return -1;
  }
  if (calls_left > 0) --calls_left;
  return static_cast<ssize_t>(::syscall(SYS_getrandom, out, length, flags));
}

using namespace custody_test;

TEMPLATE_TEST_CASE("a put without randomness writes nothing", "[vault][random]", MemoryStore, SqliteStore) {
  bool refused = false;
  bool done = false;
  for (long allowed = 0; !done && allowed != 50; ++allowed) {
    CAPTURE(allowed);
    Home<TestType> home;
    auto& vault = home.vault();
    static_cast<void>(enrol(vault, "u1"));
    Account account = account_of("u1");
    account.id_number = std::string("459999197310212864");
    int seen = 0;
    std::thread([&] {  // a thread of its own has an empty pool of nonces
      calls_left = allowed;
      seen = failure(vault.put(account));
    })
        .join();
    done = seen == fine;
    if (done) break;
    refused = true;
    CHECK(seen == code(Errc::no_randomness));
    CHECK(failure(vault.template get<Account>("u1")) == code(Errc::not_found));
    CHECK(vault.template find_by<&Account::phone>("15400059572")->empty());
    keep(vault, account);  // and with randomness it is as if nothing had been
    CHECK(vault.template get<Account>("u1"));
  }
  CHECK(done);
  CHECK(refused);
}

TEMPLATE_TEST_CASE("nobody is enrolled and nothing is joined without randomness", "[vault][random]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject one = enrol(vault, "u1");
  int seen = fine;
  int joined = fine;
  std::thread([&] {
    calls_left = 0;
    seen = failure(vault.enrol("u2"));
    joined = failure(vault.converse(std::vector<Subject>{one}));
  }).join();
  CHECK(seen == code(Errc::no_randomness));
  CHECK(joined == code(Errc::no_randomness));
  CHECK(failure(vault.find("u2")) == code(Errc::not_found));
  static_cast<void>(enrol(vault, "u2"));
}
