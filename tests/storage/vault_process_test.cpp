// SPDX-License-Identifier: Apache-2.0
#include "vault_support.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace custody_test;

namespace {

using Disk = Home<SqliteStore>;

void pause_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

/// How long, in milliseconds, until a call no longer succeeds; 5000 when it always does.
template <class Call>
[[nodiscard]] int until_refused(Call call) {
  const auto begun = std::chrono::steady_clock::now();
  for (;;) {
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    if (!call()) return static_cast<int>(passed.count());
    if (passed.count() > 5000) return 5000;
    pause_ms(1);
  }
}
void become_nobody() {
  if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(99);
}

/// A log over leaves that can be made to fail.
class MoodyLeaves final : public LeafStore {
 public:
  explicit MoodyLeaves(LeafStore& real) : real_(&real) {}
  Result<void> append_leaves(std::uint64_t first, std::span<const Bytes> leaves) override {
    if (failing) return Errc::disk_full;
    return real_->append_leaves(first, leaves);
  }
  Result<std::uint64_t> leaf_count() override { return real_->leaf_count(); }
  Result<std::vector<Bytes>> read_leaves(std::uint64_t first, std::uint64_t count) override {
    return real_->read_leaves(first, count);
  }
  std::atomic<bool> failing{false};

 private:
  LeafStore* real_;
};
/// A memory store whose log can be made to fail.
class MoodyStore {
 public:
  using Options = MemoryStore::Options;
  static constexpr Protection custody_protection{Level::core, "memory"};
  static Result<MoodyStore> open(const Options& options, std::string_view product) {
    auto real = MemoryStore::open(options, product);
    return MoodyStore(std::move(*real));
  }
  Result<void> put_row(const StoredRow& row) { return real_->put_row(row); }
  Result<StoredRow> get_row(std::uint32_t record, const RowTag& tag) { return real_->get_row(record, tag); }
  Result<void> remove_row(std::uint32_t record, const RowTag& tag) { return real_->remove_row(record, tag); }
  Result<std::vector<StoredRow>> rows_of(const Handle& who, std::uint32_t record, std::uint64_t offset,
                                         std::uint64_t limit) {
    return real_->rows_of(who, record, offset, limit);
  }
  Result<std::uint64_t> remove_rows_of(const Handle& who) { return real_->remove_rows_of(who); }
  Result<std::vector<StoredRow>> expired_rows(Instant now, std::uint64_t limit) {
    return real_->expired_rows(now, limit);
  }
  Result<void> set_state(std::uint32_t record, const RowTag& tag, RowState state) {
    return real_->set_state(record, tag, state);
  }
  Result<void> set_expiry(std::uint32_t record, const RowTag& tag, Instant at) {
    return real_->set_expiry(record, tag, at);
  }
  Result<void> begin() { return real_->begin(); }
  Result<void> commit() { return real_->commit(); }
  void rollback() { real_->rollback(); }
  Result<void> truncate_wal() { return {}; }
  KeyStore& key_store() { return real_->key_store(); }
  LeafStore& leaf_store() { return *leaves; }
  LedgerStore& ledger_store() { return real_->ledger_store(); }

  std::unique_ptr<MemoryStore> real_;
  std::unique_ptr<MoodyLeaves> leaves;

 private:
  explicit MoodyStore(MemoryStore real)
      : real_(std::make_unique<MemoryStore>(std::move(real))),
        leaves(std::make_unique<MoodyLeaves>(real_->leaf_store())) {}
};

}  // namespace

TEST_CASE("a wrong root key is told from everything else", "[vault][process][sqlite]") {
  Disk home;
  static_cast<void>(enrol(home.vault(), "u1"));
  home.close();
  CHECK(failure(home.try_open('x')) == code(Errc::wrong_root));
  home.open();  // and has changed nothing
  CHECK(home->find("u1"));
  CHECK(home->audit().verify());
}

TEST_CASE("everything is there after reopening, consents and log included", "[vault][process][sqlite]") {
  Disk home;
  const Notice notice = full_notice();
  REQUIRE(home->publish(notice));
  {
    const Subject li = enrol(home.vault(), "u1");
    Account account = account_of("u1");
    keep(home.vault(), account);
    consent<PersonalisedPush>(home.vault(), li, notice);
    static_cast<void>(enrol(home.vault(), "kid", AgeBand::under14));
  }
  const std::uint64_t before = home->audit().size();
  home.close();
  home.open();
  REQUIRE(home->publish(notice));
  const Subject li = *home->find("u1");
  const Account account = load<Account>(home.vault(), "u1");
  CHECK(account.uid.get() == "u1");
  CHECK(released(account.phone, permit<PersonalisedPush>(home.vault(), li)) == "15400059572");
  CHECK(home->find_by<&Account::phone>("15400059572")->size() == 1);
  CHECK(failure(home->permit<AccountService>(*home->find("kid"), gateway)) == code(Errc::guardian_missing));
  CHECK(home->audit().size() > before);
  CHECK(independent_verdict(home.vault()).ok);
}

TEST_CASE("another vault on the same files follows a withdrawal within 100 ms, and mints nothing on old words",
          "[vault][process][sqlite]") {
  Disk home;
  auto& a = home.vault();
  auto b = home.try_open();
  REQUIRE(b);
  const Notice notice = full_notice();
  REQUIRE(a.publish(notice));
  REQUIRE(b->publish(notice));
  static_cast<void>(enrol(a, "u1"));
  Account account = account_of("u1");
  keep(a, account);
  for (int round = 0; round != 3; ++round) {
    consent<PersonalisedPush>(a, *a.find("u1"), notice);
    pause_ms(60);  // a look at the file is due
    const Subject there = *b->find("u1");
    auto loaded = load<Account>(*b, "u1");
    static_cast<void>(refusal(loaded.phone, permit<AccountService>(*b, there)));
    const auto push = permit<PersonalisedPush>(*b, there);  // the clock stands: what is cached does not age by itself
    CHECK(refusal(loaded.phone, push) == fine);
    REQUIRE(a.withdraw<PersonalisedPush>(*a.find("u1")));
    const int took = until_refused([&] { return refusal(loaded.phone, push) == fine; });
    CHECK(took <= 100);
    CHECK(refusal(loaded.phone, push) == code(Errc::permit_withdrawn));
    CHECK(failure(b->permit<PersonalisedPush>(there, gateway)) == code(Errc::consent_withdrawn));
  }
  CHECK(b->close());
  CHECK(a.audit().verify());
  CHECK(independent_verdict(a).ok);
}

TEST_CASE("another vault on the same files sees an erasure", "[vault][process][sqlite]") {
  Disk home;
  auto& a = home.vault();
  auto b = home.try_open();
  REQUIRE(b);
  const Subject li = enrol(a, "u1");
  const Subject wu = enrol(a, "u2");
  const Conversation room = converse(a, {li, wu});
  Account account = account_of("u1");
  Message message = message_of("m1", room, "u1", "u2", "hello");
  keep(a, account);
  keep(a, message);
  pause_ms(60);
  const Subject there = *b->find("u1");
  const auto loaded = load<Account>(*b, "u1");
  const auto service = permit<AccountService>(*b, there);
  CHECK(released(loaded.phone, service) == "15400059572");
  CHECK(load<Message>(*b, "m1").sender.get() == "u1");
  REQUIRE(a.erase(li));
  CHECK(until_refused([&] { return refusal(loaded.phone, service) == fine; }) <= 100);
  CHECK(refusal(loaded.phone, service) == code(Errc::destroyed));
  CHECK(failure(b->get<Account>("u1")) == code(Errc::not_found));
  CHECK(b->find_by<&Account::phone>("15400059572")->empty());
  CHECK(failure(b->permit<AccountService>(there, gateway)) == code(Errc::destroyed));
  CHECK(failure(b->erase(there)) == code(Errc::destroyed));
  CHECK(load<Message>(*b, "m1").sender.get().empty());  // nor is the name remembered
  CHECK(released(load<Message>(*b, "m1").body, permit<MessageDelivery>(*b, *b->find("u2"))) == "hello");
}

// The second half of the next case, run by this program in a process of its own.
TEST_CASE("vault child", "[.][vault-child]") {
  const char* at = std::getenv("CUSTODY_VAULT_CHILD");
  if (at == nullptr) return;
  const std::string place = at;
  SystemClock clock;
  VaultSettings settings;
  settings.clock = &clock;
  auto vault =
      Vault<Im, SqliteStore>::open({.data = place + "/im.db", .keys = place + "/im.keys"}, root_of(), settings);
  if (!vault) std::_Exit(10);
  if (!vault->publish(full_notice())) std::_Exit(11);
  auto li = vault->find("u1");
  auto account = vault->get<Account>("u1");
  if (!li || !account) std::_Exit(12);
  auto push = vault->permit<PersonalisedPush>(*li, gateway);
  if (!push || refusal(account->phone, *push) != fine) std::_Exit(13);
  write_file(place + "/reading", "1");
  for (int i = 0; i != 5000 && file_bytes(place + "/withdrawn").empty(); ++i) {
    if (refusal(account->phone, *push) == fine) pause_ms(1);
  }
  const int took = until_refused([&] { return refusal(account->phone, *push) == fine; });
  if (took > 100) std::_Exit(14);
  if (failure(vault->permit<PersonalisedPush>(*li, gateway)) != code(Errc::consent_withdrawn)) std::_Exit(15);
  std::_Exit(vault->close() ? 0 : 16);
}

TEST_CASE("another process follows a withdrawal within 100 ms", "[vault][process][sqlite]") {
  const TempDir place;
  SystemClock clock;
  VaultSettings settings;
  settings.clock = &clock;
  auto vault = Vault<Im, SqliteStore>::open({.data = place / "im.db", .keys = place / "im.keys"}, root_of(), settings);
  REQUIRE(vault);
  const Notice notice = full_notice();
  REQUIRE(vault->publish(notice));
  const Subject li = enrol(*vault, "u1");
  Account account = account_of("u1");
  keep(*vault, account);
  consent<PersonalisedPush>(*vault, li, notice);
  const ::pid_t child = ::fork();
  if (child == 0) {
    ::setenv("CUSTODY_VAULT_CHILD", place.path().c_str(), 1);
    ::execl("/proc/self/exe", "vault", "[vault-child]", nullptr);
    ::_exit(98);
  }
  for (int i = 0; i != 10'000 && file_bytes(place / "reading").empty(); ++i) pause_ms(1);
  CHECK(file_bytes(place / "reading") == "1");
  REQUIRE(vault->withdraw<PersonalisedPush>(li));
  write_file(place / "withdrawn", "1");
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(vault->audit().verify());
  CHECK(independent_verdict(*vault).ok);
}

TEST_CASE("no log, no plaintext", "[vault][process]") {
  ManualClock clock(start_of_tests);
  VaultSettings settings;
  settings.clock = &clock;
  settings.log_buffer = 1;
  auto vault = Vault<Im, MoodyStore>::open({}, root_of(), settings);
  REQUIRE(vault);
  const Subject li = enrol(*vault, "u1");
  Account account = account_of("u1");
  account.id_number = std::string("459999197310212864");
  keep(*vault, account);
  const auto service = permit<AccountService>(*vault, li);
  const auto duty = permit<RealNameVerify>(*vault, li);
  vault->store().leaves->failing = true;
  int shown = 0;
  const auto show = [&](const auto& field, const auto& by, auto made) { return failure(field.release(by, made)); };
  CHECK(show(account.phone, service, sink<AccountService, "test">([&](std::string_view) { ++shown; })) ==
        code(Errc::evidence_unwritable));
  CHECK(show(account.id_number, duty, sink<RealNameVerify, "test", Level::grade4>([&](std::string_view) {
               ++shown;
             })) == code(Errc::evidence_unwritable));
  CHECK(shown == 0);
  CHECK(failure(vault->permit<AccountService>(li, gateway)) == code(Errc::evidence_unwritable));
  CHECK(failure(vault->enrol("u2")) == code(Errc::evidence_unwritable));
  CHECK(failure(vault->erase(li)) == code(Errc::evidence_unwritable));
  CHECK(failure(vault->find("u2")) == code(Errc::not_found));  // nobody is half enrolled
  CHECK_FALSE(vault->close());
  vault->store().leaves->failing = false;
  CHECK(vault->close());  // can be repeated, and then has worked
  CHECK(*vault->store().leaves->leaf_count() > 5);
}

TEST_CASE("a log that fails at one moment loses nothing", "[vault][process]") {
  ManualClock clock(start_of_tests);
  VaultSettings settings;
  settings.clock = &clock;
  settings.log_buffer = 1;
  auto vault = Vault<Im, MoodyStore>::open({}, root_of(), settings);
  REQUIRE(vault);
  const Subject li = enrol(*vault, "u1");
  Account account = account_of("u1");
  keep(*vault, account);
  const auto service = permit<AccountService>(*vault, li);
  vault->store().leaves->failing = true;
  CHECK(refusal(account.phone, service) == code(Errc::evidence_unwritable));
  vault->store().leaves->failing = false;
  CHECK(refusal(account.phone, service) == fine);
  CHECK(refusals(*vault, Verb::release, Errc::evidence_unwritable) == 1);
  CHECK(vault->enrol("u2"));
  CHECK(independent_verdict(*vault).ok);
}

TEMPLATE_TEST_CASE("a person left half enrolled by a crash is nobody", "[vault][process]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const auto half = vault.core()->enrol("kid");  // the crash came before the age was written
  REQUIRE(half);
  CHECK(failure(vault.find("kid")) == code(Errc::not_found));
  Account account = account_of("kid");
  CHECK(failure(vault.put(account)) == code(Errc::not_found));
  CHECK(failure(vault.enrol("kid", AgeBand::under14)) ==
        code(Errc::already_there));  // perhaps somebody is at it just now
  home.clock.advance(minutes(2));
  const auto whole = vault.enrol("kid", AgeBand::under14);
  REQUIRE(whole);
  CHECK(failure(vault.template permit<AccountService>(*whole, gateway)) == code(Errc::guardian_missing));
}

TEST_CASE("a database that another program holds: refused, nothing lost", "[vault][process][sqlite]") {
  Disk home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  keep(vault, account);
  const auto service = permit<AccountService>(vault, li);
  Account changed = load<Account>(vault, "u1");
  changed.phone = std::string("15400050000");
  SECTION("the data") {
    Stranger other(home.place / "im.db");
    REQUIRE(other.run("BEGIN IMMEDIATE"));
    const int why = failure(vault.put(changed));
    CHECK((why == code(Errc::locked) || why == code(Errc::evidence_unwritable)));
    CHECK_FALSE(vault.erase(li));
    REQUIRE(other.run("COMMIT"));
    CHECK(refusals(vault, Verb::store, Errc::locked) == 1);  // the refusal was kept until it could be written
  }
  SECTION("the keys") {
    Stranger other(home.place / "im.keys");
    REQUIRE(other.run("BEGIN IMMEDIATE"));
    CHECK(failure(vault.put(changed)) == code(Errc::locked));
    CHECK_FALSE(vault.enrol("u2"));
    CHECK_FALSE(vault.erase(li));
    REQUIRE(other.run("COMMIT"));
    CHECK(refusals(vault, Verb::store, Errc::locked) == 1);
    CHECK(refusals(vault, Verb::erase, Errc::locked) == 1);
    CHECK(vault.enrol("u2"));
  }
  CHECK(released(load<Account>(vault, "u1").phone, service) == "15400059572");
  CHECK(vault.find_by<&Account::phone>("15400059572")->size() == 1);
  CHECK(vault.find_by<&Account::phone>("15400050000")->empty());
  keep(vault, changed);
  CHECK(released(load<Account>(vault, "u1").phone, service) == "15400050000");
  CHECK(vault.erase(li));
}

TEST_CASE("a read-only database is refused", "[vault][process][sqlite]") {
  Disk home;
  home.close();
  const TempDir place;
  const int why = in_child([&] {
    if (::geteuid() == 0 && ::chown(place.path().c_str(), 65534, 65534) != 0) return 98;
    become_nobody();
    ManualClock clock(start_of_tests);
    VaultSettings settings;
    settings.clock = &clock;
    const SqliteStore::Options files{.data = place / "im.db", .keys = place / "im.keys"};
    using Box = Vault<Im, SqliteStore>;
    {
      auto vault = Box::open(files, root_of(), settings);
      if (!vault || !vault->enrol("u1")) return 1;
    }
    for (const std::string& file : {files.data, files.keys}) {
      if (::chmod(file.c_str(), 0400) != 0) return 2;
      const int refused = failure(Box::open(files, root_of(), settings));
      if (refused != code(Errc::read_only)) return 50 + refused;
      if (::chmod(file.c_str(), 0600) != 0) return 3;
    }
    auto vault = Box::open(files, root_of(), settings);
    return vault && vault->find("u1") ? 0 : 4;
  });
  CHECK(why == 0);
}

TEST_CASE("a full disk: refused, nothing lost, and then it goes on", "[vault][process][sqlite]") {
  const TempDir place;
  const auto fill = [&](const std::string& at, auto make_room) {
    ManualClock clock(start_of_tests);
    VaultSettings settings;
    settings.clock = &clock;
    settings.log_buffer = 1;
    auto vault = Vault<Im, SqliteStore>::open({.data = at + "/im.db", .keys = at + "/im.keys", .durable = false},
                                              root_of(), settings);
    if (!vault) return 1;
    auto li = vault->enrol("u1");
    if (!li) return 2;
    int stored = 0;
    Result<void> put;
    for (; put && stored < 20'000; stored += put ? 1 : 0) {
      Contact contact = contact_of("c" + std::to_string(stored), "u1", std::string(20'000, 'x'));
      put = vault->put(contact);
    }
    if (put) return 3;
    if (!(put.error() == Errc::disk_full) && !(put.error() == Errc::evidence_unwritable))
      return 20 + code(put.error().code);
    auto found = vault->get<Contact>("c0");
    if (!found) return 4;
    auto last = vault->get<Contact>("c" + std::to_string(stored - 1));
    if (!last || vault->get<Contact>("c" + std::to_string(stored))) return 5;
    make_room();
    auto service = vault->permit<AccountService>(*li, gateway);
    if (!service || refusal(last->phone, *service) != fine) return 6;
    Contact more = contact_of("more", "u1", std::string(20'000, 'y'));
    if (!vault->put(more)) return 7;
    if (!vault->audit().verify()) return 8;
    const auto all = vault->audit().entries(0, 1'000'000);
    if (!all) return 9;
    const auto refused = std::count_if(all->begin(), all->end(), [](const AuditEntry& entry) {
      return entry.event().verb == Verb::store && !entry.event().granted && entry.event().reason == Errc::disk_full;
    });
    return refused == 1 ? 0 : 10;
  };
  SECTION("by a limit on the size of files") {
    CHECK(in_child([&] {
            ::signal(SIGXFSZ, SIG_IGN);
            const ::rlimit tight{3'000'000, RLIM_INFINITY};
            const ::rlimit wide{RLIM_INFINITY, RLIM_INFINITY};
            if (::setrlimit(RLIMIT_FSIZE, &tight) != 0) return 97;
            return fill(place.path(), [&] { static_cast<void>(::setrlimit(RLIMIT_FSIZE, &wide)); });
          }) == 0);
  }
  SECTION("by a small file system") {
    const std::string at = place / "small";
    REQUIRE(::mkdir(at.c_str(), 0700) == 0);
    if (::mount("none", at.c_str(), "tmpfs", 0, "size=3m,mode=700") != 0) return;  // not permitted here
    CHECK(in_child([&] {
            return fill(
                at, [&] { static_cast<void>(::mount("none", at.c_str(), "tmpfs", MS_REMOUNT, "size=30m,mode=700")); });
          }) == 0);
    CHECK(::umount(at.c_str()) == 0);
  }
}
