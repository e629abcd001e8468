// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include <custody/crypto/normalise.hpp>
#include <custody/evidence/log_verifier.hpp>
#include <custody/storage/memory_store.hpp>
#include <custody/storage/sqlite_store.hpp>
#include <custody/storage/vault.hpp>

#include "../support/temp_dir.hpp"
#include "custody_catch.hpp"

/// A small messenger over a vault: its purposes, records, roles, and what its tests ask again and again.
namespace custody_test {

using namespace custody;

struct AccountService final : Purpose<"account.service", Basis::contract> {};
struct MessageDelivery final : Purpose<"message.delivery", Basis::contract> {};
struct RealNameVerify final : Purpose<"real_name.verify", Basis::legal_duty> {};
struct PersonalisedPush final : Purpose<"push.personalised", Basis::consent> {};
struct GroupAlbum final : Purpose<"group.album", Basis::consent> {};
struct LocationShare final : Purpose<"location.share", Basis::separate_consent> {};
using Im = Product<"demo-im", Region::CN, AccountService, MessageDelivery, RealNameVerify, PersonalisedPush, GroupAlbum,
                   LocationShare>;

struct Account : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  Personal<std::string, AccountService, PersonalisedPush> phone;
  Personal<std::string, AccountService, PersonalisedPush> email;
  Classified<Personal<std::string, RealNameVerify>, Level::grade4> id_number;
  Sensitive<std::string, LocationShare> location;
  using custody_fields = Fields<
      record<"account", 1>, key<&Account::uid>, owner<&Account::uid>,
      field<1, "phone", &Account::phone, Category::phone, indexed<phone_e164>>,
      field<2, "email", &Account::email, Category::email, indexed<email_case>>,
      field<3, "id_number", &Account::id_number, Category::id_number, retained<until_checked>>,
      field<4, "location", &Account::location, Category::precise_location, retained<keep_for<calendar_days(1)>>>>;
};

/// Another table with the same field number, type and key; its field ends before its row when the account is closed.
struct Contact : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> id;
  Public<std::string> uid;
  Personal<std::string, AccountService, PersonalisedPush> phone;
  Personal<std::string, AccountService> nickname;
  using custody_fields = Fields<record<"contact", 2>, key<&Contact::id>, owner<&Contact::uid>,
                                field<1, "phone", &Contact::phone, Category::phone>,
                                field<2, "nickname", &Contact::nickname, Category::nickname,
                                      retained<account_life, erase_within<calendar_days(2)>>>>;
};

struct Message : Retained<keep_for<calendar_days(180)>> {
  Public<std::string> id;
  Public<Conversation> room;
  Public<std::string> sender;
  Public<std::string> receiver;
  Public<std::int64_t> sent_at;
  Classified<Personal<std::string, MessageDelivery>, Level::grade4> body;
  using custody_fields =
      Fields<record<"message", 3>, key<&Message::id>, conversation<&Message::room>, owner<&Message::sender>,
             owner<&Message::receiver>, field<2, "sent_at", &Message::sent_at>,
             field<1, "body", &Message::body, Category::message_body>>;
};

/// A photo of a group: consent, indexed, several owners.
struct Photo : Retained<keep_for<calendar_days(180)>, keep_at_least<calendar_days(30)>> {
  Public<std::string> id;
  Public<Conversation> room;
  Public<std::string> author;
  Personal<std::string, GroupAlbum, MessageDelivery> caption;
  using custody_fields = Fields<record<"photo", 4>, key<&Photo::id>, conversation<&Photo::room>, owner<&Photo::author>,
                                field<1, "caption", &Photo::caption, Category::bio, indexed<exact>>>;
};

/// Something a law wants kept for half a year.
struct Login : Retained<keep_for<calendar_days(366)>, keep_at_least<calendar_days(183)>> {
  Public<std::string> id;
  Public<std::string> uid;
  Personal<std::string, AccountService, RealNameVerify> address;
  using custody_fields = Fields<record<"login", 5>, key<&Login::id>, owner<&Login::uid>,
                                field<1, "address", &Login::address, Category::ip_address>>;
};

/// Only ever wanted for a consent.
struct Taste : Retained<keep_for<calendar_days(90)>> {
  Public<std::string> uid;
  Personal<std::string, PersonalisedPush> tags;
  using custody_fields = Fields<record<"taste", 6>, key<&Taste::uid>, owner<&Taste::uid>,
                                field<1, "tags", &Taste::tags, Category::user_tag>>;
};

inline constexpr const Role& api = role<"api", RoleKind::service, Level::core, AccountService, MessageDelivery,
                                        RealNameVerify, PersonalisedPush, GroupAlbum, LocationShare>;
inline constexpr const Role& desk =
    role<"desk", RoleKind::staff, Level::grade3, AccountService, RealNameVerify, MessageDelivery>;
inline const Actor gateway{&api, "gateway"};

inline constexpr Instant start_of_tests{1'700'000'000'000};  // 2023-11-14, a Tuesday

[[nodiscard]] inline RootKey root_of(char fill = 'r') {
  const std::string bytes(32, fill);
  return std::move(*RootKey::from_bytes(as_bytes(bytes)));
}

/// Where a vault of either kind lives: clock, files and the vault.
template <class StoreType>
struct Home {
  using Box = Vault<Im, StoreType>;
  static constexpr bool on_disk = std::is_same_v<StoreType, SqliteStore>;

  explicit Home(VaultSettings with = {}) : settings(with) {
    settings.clock = &clock;
    settings.log_buffer = with.log_buffer;
    open();
  }
  [[nodiscard]] auto options() const {
    if constexpr (on_disk) {
      return typename StoreType::Options{
          .data = place / "im.db", .keys = place / "im.keys", .durable = false, .busy_ms = 100};
    } else {
      return typename StoreType::Options{};
    }
  }
  [[nodiscard]] Result<Box> try_open(char root = 'r') const { return Box::open(options(), root_of(root), settings); }
  void open() {
    auto opened = try_open();
    if (!opened) FAIL("open: " << text(opened.error().code) << " " << opened.error().where);
    box.emplace(std::move(*opened));
  }
  void close() { box.reset(); }
  Box& vault() { return *box; }
  Box* operator->() { return &*box; }

  TempDir place;
  ManualClock clock{start_of_tests};
  VaultSettings settings;
  std::optional<Box> box;
};

inline constexpr int fine = -1;
[[nodiscard]] inline constexpr int code(Errc e) { return static_cast<int>(e); }
/// What a call failed with; -1 when it did not.
template <class Value>
[[nodiscard]] int failure(const Result<Value>& result) {
  return result ? fine : code(result.error().code);
}
/// Releases a text; the plaintext, or the error between angle brackets.
template <class Tag, class Field>
[[nodiscard]] std::string released(const Field& field, const Permit<Tag>& permit) {
  std::string out;
  auto done = field.release(permit, sink<Tag, "test", Level::core>([&](std::string_view text) { out = text; }));
  return done ? out : std::string("<") + text(done.error().code) + ">";
}
template <class Tag, class Field>
[[nodiscard]] int refusal(const Field& field, const Permit<Tag>& permit) {
  return failure(field.release(permit, sink<Tag, "test", Level::core>([](std::string_view) {})));
}

template <class Box>
[[nodiscard]] Subject enrol(Box& vault, std::string_view uid, AgeBand age = AgeBand::adult,
                            const Subject& guardian = {}) {
  auto person = vault.enrol(uid, age, guardian);
  if (!person) FAIL("enrol: " << text(person.error().code) << " " << person.error().where);
  return *person;
}
template <class Tag, class Box>
[[nodiscard]] Permit<Tag> permit(Box& vault, const Subject& subject, const Actor& actor = gateway) {
  auto made = vault.template permit<Tag>(subject, actor);
  if (!made) FAIL("permit: " << text(made.error().code));
  return std::move(*made);
}
/// Stores what must be stored.
template <class Box, class Record>
void keep(Box& vault, Record& record) {
  auto done = vault.put(record);
  if (!done) FAIL("put: " << text(done.error().code) << " " << done.error().where);
}
template <class Record, class Box>
[[nodiscard]] Record load(Box& vault, std::string_view key) {
  auto record = vault.template get<Record>(key);
  if (!record) FAIL("get: " << text(record.error().code) << " " << record.error().where);
  return std::move(*record);
}

[[nodiscard]] inline Account account_of(std::string_view uid, std::string_view phone = "15400059572",
                                        std::string_view email = "li@mail.example") {
  Account account;
  account.uid = std::string(uid);
  account.phone = std::string(phone);
  account.email = std::string(email);
  return account;
}
[[nodiscard]] inline Contact contact_of(std::string_view id, std::string_view uid,
                                        std::string_view phone = "15400050001") {
  Contact contact;
  contact.id = std::string(id);
  contact.uid = std::string(uid);
  contact.phone = std::string(phone);
  return contact;
}
[[nodiscard]] inline Message message_of(std::string_view id, const Conversation& room, std::string_view from,
                                        std::string_view to, std::string_view body) {
  Message message;
  message.id = std::string(id);
  message.room = room;
  message.sender = std::string(from);
  message.receiver = std::string(to);
  message.sent_at = 7;
  message.body = std::string(body);
  return message;
}
[[nodiscard]] inline Login login_of(std::string_view id, std::string_view uid) {
  Login login;
  login.id = std::string(id);
  login.uid = std::string(uid);
  login.address = std::string("192.0.2.7");
  return login;
}
[[nodiscard]] inline Photo photo_of(std::string_view id, const Conversation& room, std::string_view author) {
  Photo photo;
  photo.id = std::string(id);
  photo.room = room;
  photo.author = std::string(author);
  photo.caption = std::string("the lake");
  return photo;
}
template <class Box>
[[nodiscard]] Conversation converse(Box& vault, std::vector<Subject> members) {
  auto room = vault.converse(members);
  if (!room) FAIL("converse: " << text(room.error().code));
  return *room;
}

template <class... Tags>
[[nodiscard]] Notice notice_of(std::string_view version, std::string_view manner = "sent to you") {
  return std::move(*Notice::draft(version)
                        .handler("Demo Ltd", "privacy@demo.example")
                        .template purposes<Tags...>()
                        .manner({"发送", manner})
                        .template kinds<Category::phone, Category::precise_location>()
                        .retention({"一年", "one year"})
                        .rights({"在设置中", "in the settings"})
                        .why({"需要", "needed"}, {"影响", "effect"})
                        .guardian({"告知监护人", "told to guardians"})
                        .complete());
}
[[nodiscard]] inline Notice full_notice(std::string_view version = "1", std::string_view manner = "sent to you") {
  return notice_of<AccountService, MessageDelivery, RealNameVerify, PersonalisedPush, GroupAlbum, LocationShare>(
      version, manner);
}
template <class Tag, class Box>
void consent(Box& vault, const Subject& subject, const Notice& notice) {
  auto said = [&] {
    if constexpr (Consent<Tag>::wants_separate) {
      return Consent<Tag>::separate(notice);
    } else {
      return Consent<Tag>::plain(notice);
    }
  }();
  REQUIRE(said);
  auto done = vault.template grant<Tag>(subject, *said);
  if (!done) FAIL("grant: " << text(done.error().code));
}

/// One entry of the audit log as values.
struct Line {
  Verb verb = Verb::open;
  bool granted = false;
  Errc reason = Errc::malformed;
  Handle subject{};
  std::string purpose, role, actor, record, field, place;
  Level level = Level::grade1;
  Instant at{};

  [[nodiscard]] friend bool operator==(const Line&, const Line&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Line& line) {
  return out << name_of(line.verb) << (line.granted ? " yes " : " no ") << (line.granted ? "" : text(line.reason))
             << " p=" << line.purpose << " r=" << line.role << " a=" << line.actor << " rec=" << line.record
             << " f=" << line.field << " at=" << line.place << " level=" << static_cast<int>(line.level)
             << " t=" << line.at.ms;
}
template <class Box>
[[nodiscard]] std::vector<Line> lines(Box& vault) {
  auto entries = vault.audit().entries(0, 1'000'000);
  if (!entries) FAIL("entries: " << text(entries.error().code));
  std::vector<Line> out;
  for (const AuditEntry& entry : *entries) {
    const Event e = entry.event();
    out.push_back({e.verb, e.granted, e.granted ? Errc::malformed : e.reason, e.subject, std::string(e.purpose),
                   std::string(e.role), std::string(e.actor), std::string(e.record), std::string(e.field),
                   std::string(e.place), e.level, e.at});
  }
  return out;
}
template <class Box>
[[nodiscard]] Line last_line(Box& vault) {
  return lines(vault).back();
}
/// How often something was refused for a reason.
template <class Box>
[[nodiscard]] std::size_t refusals(Box& vault, Verb verb, Errc reason) {
  const auto all = lines(vault);
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Line& line) {
    return line.verb == verb && !line.granted && line.reason == reason;
  }));
}
/// The whole log, verified by the half that shares no code with the writer.
template <class Box>
[[nodiscard]] LogVerdict independent_verdict(Box& vault) {
  auto note = vault.audit().checkpoint();
  auto entries = vault.audit().entries(0, 1'000'000);
  if (!note || !entries) return {};
  std::vector<Bytes> leaves;
  for (AuditEntry& entry : *entries) leaves.push_back(std::move(entry.leaf));
  return verify_log(leaves, *note, vault.audit().vkey());
}

/// A record's row as the store has it.
template <class Record, class Box>
[[nodiscard]] StoredRow stored_row(Box& vault, std::string_view record_key) {
  auto tag =
      vault.core()->index_value("row", "", detail::shape_of<Record>::facts.number, "exact", as_bytes(record_key));
  auto row = vault.store().get_row(detail::shape_of<Record>::facts.number, *tag);
  if (!row) FAIL("row: " << text(row.error().code));
  return std::move(*row);
}
[[nodiscard]] inline StoredCell& cell_of(StoredRow& row, std::uint16_t number) {
  for (StoredCell& cell : row.cells) {
    if (cell.field == number) return cell;
  }
  FAIL("no such cell");
  return row.cells.front();
}

/// Another program's connection to a file.
class Stranger {
 public:
  explicit Stranger(const std::string& path) {
    if (::sqlite3_open(path.c_str(), &db_) != SQLITE_OK) FAIL("stranger");
  }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;
  ~Stranger() { ::sqlite3_close(db_); }
  bool run(const std::string& sql) { return ::sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK; }
  int changed() { return ::sqlite3_changes(db_); }
  /// Sets the blob that a statement selects; `?1` is the blob.
  bool set(const std::string& sql, std::string_view blob) {
    ::sqlite3_stmt* statement = nullptr;
    if (::sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) return false;
    ::sqlite3_bind_blob(statement, 1, blob.data(), static_cast<int>(blob.size()), SQLITE_TRANSIENT);
    const bool done = ::sqlite3_step(statement) == SQLITE_DONE;
    ::sqlite3_finalize(statement);
    return done && changed() == 1;
  }
  std::string get(const std::string& sql) {
    ::sqlite3_stmt* statement = nullptr;
    std::string out;
    if (::sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) return out;
    if (::sqlite3_step(statement) == SQLITE_ROW && ::sqlite3_column_bytes(statement, 0) != 0) {
      out.assign(static_cast<const char*>(::sqlite3_column_blob(statement, 0)),
                 static_cast<std::size_t>(::sqlite3_column_bytes(statement, 0)));
    }
    ::sqlite3_finalize(statement);
    return out;
  }

 private:
  ::sqlite3* db_ = nullptr;
};

}  // namespace custody_test
