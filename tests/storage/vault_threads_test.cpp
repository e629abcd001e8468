// SPDX-License-Identifier: Apache-2.0
#include "vault_support.hpp"

#include <array>
#include <atomic>
#include <thread>

using namespace custody_test;

namespace {

template <class... Work>
void together(Work... work) {
  std::array<std::thread, sizeof...(Work)> threads{std::thread(work)...};
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEMPLATE_TEST_CASE("four threads put, read, permit and sweep", "[vault][threads]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  std::vector<Subject> people;
  for (int i = 0; i != 4; ++i) {
    people.push_back(enrol(vault, "u" + std::to_string(i)));
    Account account = account_of("u" + std::to_string(i), "1540005000" + std::to_string(i));
    keep(vault, account);
  }
  const Conversation room = converse(vault, people);
  const Subject fifth = enrol(vault, "u5");
  const auto yes = Consent<PersonalisedPush>::plain(notice);
  constexpr int rounds = 25;
  std::atomic<int> wrong{0};
  const auto expect = [&](bool good) { wrong += good ? 0 : 1; };
  const auto writer = [&](int who) {
    return [&, who] {
      const std::string uid = "u" + std::to_string(who);
      for (int i = 0; i != rounds; ++i) {
        Message message = message_of(uid + "-" + std::to_string(i), room, uid, "u0", "text");
        expect(vault.put(message).has_value());
        auto account = vault.template get<Account>(uid);
        expect(account.has_value());
        if (!account) continue;
        account->phone = "154000" + std::to_string(10'000 + who * 1000 + i);
        expect(vault.put(*account).has_value());
        auto found = vault.template find_by<&Account::phone>("154000" + std::to_string(10'000 + who * 1000 + i));
        expect(found && found->size() == 1);
      }
    };
  };
  const auto reader = [&] {
    for (int i = 0; i != rounds; ++i) {
      auto permit = vault.template permit<MessageDelivery>(people, gateway);
      auto list = vault.template list<Message>(people[0]);
      expect(permit && list);
      if (!permit || !list) continue;
      for (const Message& message : *list) expect(released(message.body, *permit) == "text");
    }
  };
  const auto keeper = [&] {
    for (int i = 0; i != rounds; ++i) {
      expect(vault.sweep().has_value());
      expect(vault.template grant<PersonalisedPush>(fifth, *yes).has_value());
      expect(vault.template permit<PersonalisedPush>(fifth, gateway).has_value());
      expect(vault.template withdraw<PersonalisedPush>(fifth).has_value());
      expect(!vault.template permit<PersonalisedPush>(fifth, gateway));
    }
  };
  together(writer(1), writer(2), reader, keeper);
  CHECK(wrong == 0);
  CHECK(vault.template list<Message>(people[0], 0, 1000)->size() == 2 * rounds);
  CHECK(vault.audit().verify());
  CHECK(independent_verdict(vault).ok);
}

TEMPLATE_TEST_CASE("an erasure among loads, finds and puts", "[vault][threads]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  for (int round = 0; round != 6; ++round) {
    const std::string uid = "u" + std::to_string(round);
    const Subject li = enrol(vault, uid);
    Account account = account_of(uid);
    keep(vault, account);
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    const auto allowed = [&](Errc why) {
      if (why != Errc::destroyed && why != Errc::not_found && why != Errc::wrong_subject && why != Errc::unknown_key)
        ++wrong;
    };
    const auto loader = [&] {
      while (!stop) {
        if (auto record = vault.template get<Account>(uid); !record) allowed(record.error().code);
      }
    };
    const auto finder = [&] {
      while (!stop) {
        if (auto found = vault.template find_by<&Account::phone>("15400059572"); !found) allowed(found.error().code);
      }
    };
    const auto putter = [&] {
      for (int i = 0; !stop; ++i) {
        Contact contact = contact_of("c" + std::to_string(i % 3), uid);
        if (auto put = vault.put(contact); !put) allowed(put.error().code);
      }
    };
    const auto eraser = [&] {
      std::this_thread::yield();
      auto made = vault.erase(li);
      if (!made) ++wrong;
      stop = true;
    };
    together(loader, finder, putter, eraser);
    CHECK(wrong == 0);
    CHECK(vault.template find_by<&Account::phone>("15400059572")->empty());
    CHECK(failure(vault.template get<Account>(uid)) != fine);
  }
}

TEMPLATE_TEST_CASE("two threads that change one row lose no update and leave no stale index", "[vault][threads]",
                   MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  keep(vault, account);
  const auto change = [&](int who) {
    return [&, who] {
      for (int i = 0; i != 20; ++i) {
        auto mine = vault.template get<Account>("u1");
        if (!mine) continue;
        mine->phone = "1540005" + std::to_string(1000 + (i + who) % 3);
        static_cast<void>(vault.put(*mine));
      }
    };
  };
  together(change(0), change(1));
  const std::string now = released(load<Account>(vault, "u1").phone, permit<AccountService>(vault, li));
  CHECK(vault.template find_by<&Account::phone>(now)->size() == 1);
  for (int i = 0; i != 3; ++i) {
    const std::string phone = "1540005" + std::to_string(1000 + i);
    CHECK(vault.template find_by<&Account::phone>(phone)->size() == (phone == now ? 1U : 0U));
  }
}

TEMPLATE_TEST_CASE("a sweep writes back nothing that was changed meanwhile", "[vault][threads]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  const Subject li = enrol(vault, "u1");
  consent<LocationShare>(vault, li, notice);
  for (int round = 0; round != 12; ++round) {
    Account account = account_of("u1", "15400050000");
    if (auto before = vault.template get<Account>("u1")) account = std::move(*before);
    account.phone = std::string("15400050000");
    account.location = std::string("30,120");
    keep(vault, account);
    home.clock.advance(days(2));  // the location is due
    account = load<Account>(vault, "u1");
    account.location.reset();
    account.phone = std::string("15400050001");
    together([&] { static_cast<void>(vault.sweep()); }, [&] { static_cast<void>(vault.put(account)); });
    CHECK(released(load<Account>(vault, "u1").phone, permit<AccountService>(vault, li)) == "15400050001");
  }
}
