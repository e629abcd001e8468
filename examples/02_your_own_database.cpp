// SPDX-License-Identifier: Apache-2.0
// Your own SQLite table, with old rows in clear, gets two sealed columns: one text, one blob. Rows in clear and rows
// sealed live side by side until the last one is done; then clear text is refused for good.
#include <custody/sealing.hpp>

#include <custody/data/migration.hpp>

#include <sqlite3.h>

#include <cstdio>
#include <memory>
#include <string>

struct AccountService final : custody::Purpose<"account.service", custody::Basis::contract, custody::core> {};
using Product = custody::Product<"own-db", custody::Region::CN, AccountService>;

// snippet: record
struct Contact {
  custody::Public<std::string> uid;
  custody::Personal<std::string, AccountService> phone;  // TEXT column
  custody::Personal<std::string, AccountService> email;  // BLOB column
  using custody_fields =
      custody::Fields<custody::record<"contact", 1>,
                      custody::retained<custody::account_life, custody::erase_within<custody::working_days(15)>>,
                      custody::key<&Contact::uid>, custody::owner<&Contact::uid>,
                      custody::field<1, "phone", &Contact::phone, custody::Category::phone>,
                      custody::field<2, "email", &Contact::email, custody::Category::email>>;
};
// end: record

class Contracts final : public custody::Authority {
 public:
  custody::Result<void> decide(const custody::Question& question) noexcept override {
    if (custody::needs_consent(question.purpose->basis)) return custody::Errc::no_consent;
    return {};
  }
};
class CountingLog final : public custody::Witness {
 public:
  custody::Result<void> record(std::span<const custody::Event> events) noexcept override {
    lines += events.size();
    return {};
  }
  std::size_t lines = 0;
};
inline constexpr auto api = custody::role<"api", custody::RoleKind::service, custody::Level::grade3, AccountService>;

// The table is the host's own; custody never sees it.
class Table {
 public:
  explicit Table(const char* path) {
    if (sqlite3_open(path, &db_) != SQLITE_OK) std::abort();
    run("PRAGMA secure_delete=ON");  // so that replaced clear text does not stay in free pages
    run("CREATE TABLE contacts(uid TEXT PRIMARY KEY, phone TEXT, email BLOB, sealed INTEGER NOT NULL DEFAULT 0)");
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() { sqlite3_close(db_); }

  void run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
  }
  void update(const std::string& uid, const std::string& phone, const custody::Bytes& email) {
    const Statement statement(db_, "UPDATE contacts SET phone=?, email=?, sealed=1 WHERE uid=?");
    sqlite3_bind_text(statement.get(), 1, phone.data(), static_cast<int>(phone.size()), SQLITE_TRANSIENT);
    sqlite3_bind_blob(statement.get(), 2, email.data(), static_cast<int>(email.size()), SQLITE_TRANSIENT);
    sqlite3_bind_text(statement.get(), 3, uid.data(), static_cast<int>(uid.size()), SQLITE_TRANSIENT);
    if (sqlite3_step(statement.get()) != SQLITE_DONE) std::abort();
  }
  /// Calls `use(uid, phone, email, sealed)` for the row of a user id.
  template <class Use>
  void read(const std::string& uid, Use use) {
    const Statement statement(db_, "SELECT phone, email, sealed FROM contacts WHERE uid=?");
    sqlite3_bind_text(statement.get(), 1, uid.data(), static_cast<int>(uid.size()), SQLITE_TRANSIENT);
    if (sqlite3_step(statement.get()) != SQLITE_ROW) std::abort();
    use(view(statement.get(), 0), view(statement.get(), 1), sqlite3_column_int(statement.get(), 2) != 0);
  }
  [[nodiscard]] int count(const char* sql) {
    const Statement statement(db_, sql);
    return sqlite3_step(statement.get()) == SQLITE_ROW ? sqlite3_column_int(statement.get(), 0) : -1;
  }

 private:
  class Statement {
   public:
    Statement(sqlite3* db, const char* sql) {
      if (sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) != SQLITE_OK) std::abort();
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(statement_); }
    [[nodiscard]] sqlite3_stmt* get() const { return statement_; }

   private:
    sqlite3_stmt* statement_ = nullptr;
  };
  static std::string_view view(sqlite3_stmt* row, int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
    return bytes == nullptr ? std::string_view()
                            : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
  }
  sqlite3* db_ = nullptr;
};

template <class Value>
Value must(custody::Result<Value> result) {
  if (!result) {
    std::printf("failed: %s\n", custody::text(result.error().code));
    std::exit(1);
  }
  return std::move(*result);
}
void must(const custody::Result<void>& result) {
  if (!result) {
    std::printf("failed: %s\n", custody::text(result.error().code));
    std::exit(1);
  }
}

int main() {
  Table table("host.db");
  table.run(
      "INSERT INTO contacts(uid, phone, email) VALUES('ann','13800138001','ann@example.com'),"
      "('bob','13800138002','bob@example.com'),('eve','13800138003','eve@example.com')");

  const custody::SystemClock clock;
  Contracts contracts;
  CountingLog log;
  auto root = must(custody::RootKey::create_key_file("root.key"));
  auto keys = must(custody::KeyFile::open("host.keys", root));
  auto ring = must(custody::KeyRing<Product>::open(keys, root, log, contracts, clock));
  const auto migration = must(custody::Migration<Contact>::open(ring));
  must(migration.reopen(root));  // only the root may say that rows in clear are accepted for now

  // snippet: load
  // Reads either form: which one it is, the row's own marker says, never the look of the text.
  const auto load = [&](const std::string& uid, const custody::Subject& person) {
    Contact contact;
    contact.uid = uid;
    const auto place = must(ring.binding<Contact>(uid, person));
    table.read(uid, [&](std::string_view phone, std::string_view email, bool sealed) {
      const auto form = sealed ? custody::RowForm::sealed : custody::RowForm::clear;
      must(migration.read<&Contact::phone>(place, phone, form, contact.phone));
      if (sealed)
        must(custody::at_rest::from_blob<&Contact::email>(place, custody::as_bytes(email), contact.email));
      else
        must(migration.read<&Contact::email>(place, email, form, contact.email));
    });
    return contact;
  };
  // end: load

  // snippet: sweep
  // The sweep: whatever is still in clear is read, sealed and written back. It can stop anywhere and go on later.
  for (const char* uid : {"ann", "bob", "eve"}) {
    const auto person = must(ring.enrol(uid));
    const Contact contact = load(uid, person);
    table.update(uid, must(custody::at_rest::text(contact.phone)), must(custody::at_rest::blob(contact.email)));
    std::printf("sealed %s, %d rows left in clear\n", uid, table.count("SELECT count(*) FROM contacts WHERE sealed=0"));
  }
  must(migration.refuse_clear());  // from here on a row in clear is an error, also after a restart
  // end: sweep

  const auto ann = must(ring.find("ann"));
  const Contact contact = load("ann", ann);
  const auto permit = must(ring.permit<AccountService>(ann, {&api, "api-1"}, clock.now() + custody::minutes(5)));
  bool same = false;
  must(contact.email.release(permit, custody::sink<AccountService, "example-check">(
                                         [&](std::string_view email) { same = email == "ann@example.com"; })));
  std::printf("ann's e-mail after the migration: %s\n", same ? "intact" : "broken");

  // snippet: refused
  table.run("INSERT INTO contacts(uid, phone, email) VALUES('mal','13800138009','mal@example.com')");
  Contact late;
  const auto place = must(ring.binding<Contact>("mal", must(ring.enrol("mal"))));
  const auto refused = migration.read<&Contact::phone>(place, "13800138009", custody::RowForm::clear, late.phone);
  std::printf("a row slipped in in clear: %s\n", refused ? "taken" : custody::text(refused.error().code));
  // end: refused
  return same && !refused ? 0 : 1;
}
