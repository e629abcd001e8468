// SPDX-License-Identifier: Apache-2.0
// custody_format_books write <file>: everything that is at rest, sealed now, as json
// custody_format_books groups <file>: of that, only what is sealed together
// custody_format_books open <file>...: opens what stands in such files, whoever wrote them; fails for nothing opened
#include <cstdio>
#include <fstream>
#include <iostream>

#include "format/books.hpp"

using namespace format_test;

namespace {

using X = c::XChaCha20Poly1305;
using G = c::Aes256Gcm;

/// The ways in which an envelope is refused; `good` is one of a phone number.
template <class Suite>
void refusals(Book<Frozen, Suite>& book, const Json& good, const Json& one_byte, const std::string& other_person) {
  const std::string whole = good["envelope"];
  const auto changed = [&](const char* name, std::size_t byte, const char* to, const char* error) {
    Json bad = good;
    std::string bytes = whole;
    const std::size_t at = byte < bytes.size() / 2 ? byte * 2 : bytes.size() - 2;
    if (bytes.compare(at, 2, to) == 0) to = "5b";
    bad["envelope"] = bytes.replace(at, 2, to);
    bad.erase("text");
    book.refuse(std::move(bad), name, error);
  };
  const auto cut = [&](const char* name, std::size_t size, const char* error) {
    Json bad = good;
    bad["envelope"] = whole.substr(0, size * 2);
    bad.erase("text");
    book.refuse(std::move(bad), name, error);
  };
  const auto elsewhere = [&](const char* name, const char* key, Json to) {
    Json bad = good;
    bad[key] = std::move(to);
    bad.erase("text");
    book.refuse(std::move(bad), name, "tampered");
  };
  const auto text = [&](const char* name, const std::string& to) {
    Json bad = good;
    bad["text"] = to;
    bad.erase("envelope");
    book.refuse(std::move(bad), name, "malformed");
  };
  cut("nothing", 0, "truncated");
  cut("half a header", 5, "truncated");
  cut("no tag", c::sealed_size<Suite>(0) - 1, "truncated");
  cut("a byte less", whole.size() / 2 - 1, "tampered");
  changed("another format", 0, "c3", "malformed");
  changed("the transient format", 0, "c2", "not_bound");
  changed("suite 0", 1, "00", "suite_unavailable");
  changed("suite 255", 1, "ff", "suite_unavailable");
  changed("revision 0", 2, "00", "unknown_revision");
  changed("revision 9", 2, "09", "unknown_revision");
  changed("another generation", 3, "4d", "unknown_key");
  changed("a generation far ahead", 5, "4d", "unknown_key");
  changed("another nonce", 6, "5a", "tampered");
  changed("another ciphertext", 6 + Suite::nonce_size, "5a", "tampered");
  changed("another tag", whole.size(), "5a", "tampered");
  elsewhere("another row", "row", hex(c::as_bytes("elsewhere")));
  elsewhere("another person", "owners", Json::array({other_person}));
  const std::string form = good["text"];
  text("no prefix", form.substr(4));
  text("an upper-case prefix", "~C1." + form.substr(4));
  text("padding", form + "=");
  text("white space", form + "\n");
  text("the other alphabet", form.substr(0, 20) + "+" + form.substr(21));
  Json stray = one_byte;  // of a length that leaves bits over
  std::string odd = stray["text"];
  odd.back() = static_cast<char>(odd.back() + 1);
  stray["text"] = odd;
  stray.erase("envelope");
  book.refuse(std::move(stray), "stray bits", "malformed");
}

template <class Suite>
Json write_book() {
  Book<Frozen, Suite> book;
  const auto alice = book.person("alice");
  const auto bob = book.person("bob");
  const auto carol = book.person("carol");
  const Json phone = book.template seal<&Person::phone>("phone", "alice", alice, 0, std::string("15400059572"));
  book.template seal<&Person::phone>("an empty value", "bob", bob, 0, std::string());
  const Json one = book.template seal<&Person::phone>("one byte", "carol", carol, 0, std::string("1"));
  book.template seal<&Person::phone>("1100 bytes", "carol", carol, 0, std::string(1100, 'x'));
  book.template seal<&Person::phone>("a row of 255 bytes", std::string(255, 'r'), alice, 0, std::string("15400059572"));
  book.template seal<&Person::phone>("a row with odd bytes", std::string("\0\xff\n", 3), alice, 0, std::string("1"));
  book.template seal<&Person::phone>("an empty row", "", alice, 0, std::string("1"));
  book.template seal<&Person::id_number>("grade4, no version", "alice", alice, 0, std::string("11010519491231002X"));
  const Json id =
      book.template seal<&Person::id_number>("grade4, version 7", "alice", alice, 7, std::string("11010519491231002X"));
  book.template seal<&Person::id_number>("a large version", "alice", alice, 0x0102030405060708, std::string("x"));
  book.template seal<&Person::tags>("a list", "alice", alice, 0, std::vector<std::string>{"ab", "", "c"});
  book.template seal<&Person::birthday>("a number", "alice", alice, 0, std::int64_t{-631152000000});
  book.template seal<&Person::condition>("sensitive", "alice", alice, 3, std::string("\xe4\xb8\xad\xe6\x96\x87"));
  book.template seal<&Person::nick>("revision 2", "alice", alice, 0, std::string("ally"));
  Json& before = book.template seal<&PersonBefore::nick>("revision 1", "alice", alice, 0, std::string("al"));
  before["revisions"] = place_of<&Person::nick>()["revisions"];
  const auto talk = book.converse({alice, bob, carol});
  const std::vector<c::Handle> three{carol.handle(), alice.handle(), bob.handle()};
  book.template seal<&Message::body>("three owners", "m1", talk, three, 1, std::string("see you at eight"));
  const std::vector<c::Subject> stay{alice, carol};
  static_cast<void>(book.world().ring().regroup(talk, stay).has_value());
  book.template seal<&Message::body>("two owners, a second generation", "m2", talk, {carol.handle(), alice.handle()}, 1,
                                     std::string("he left"));
  const auto alone = book.converse({bob});
  book.template seal<&Message::body>("a conversation of one", "m3", alone, {bob.handle()}, 0,
                                     std::string("note to self"));
  book.note_index("field", 1U << 16U | 1U, "phone_e164", "+8615400059572",
                  book.world().ring().template lookup<&Person::phone>("+86 154 0005 9572")->bytes());
  refusals(book, phone, one, hex(bob.handle().bytes));
  Json replay = id;
  replay["version"] = 8;
  replay.erase("text");
  book.refuse(std::move(replay), "an older version", "tampered");
  return book.done();
}

/// A group in pieces: header and nonce, then each member's entry with its ciphertext and tag.
struct Pieces {
  explicit Pieces(const Json& one) : Pieces(unhex(one["envelope"].get<std::string>())) {}
  explicit Pieces(const c::Bytes& group) {
    c::detail::GroupReader reader(group);
    head.assign(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(reader.head_size()));
    for (c::detail::SealedMember member; reader.next(member);) {
      members.emplace_back(member.entry.begin(), member.entry.end());
      members.back().insert(members.back().end(), member.sealed.begin(), member.sealed.end());
    }
  }
  [[nodiscard]] c::Bytes joined() const {
    c::Bytes out = head;
    for (const c::Bytes& member : members) out.insert(out.end(), member.begin(), member.end());
    return out;
  }
  c::Bytes head;
  std::vector<c::Bytes> members;
};

/// The ways in which a member of a group is refused. The members: 0 since, 1 address, 2 name, 3 nick, 4 tags, 5 motto.
template <class Suite>
void group_refusals(Book<Frozen, Suite>& book, const std::string& group, const std::string& other,
                    const std::string& other_person) {
  const Json name = book.noted(group + ", name");
  const Pieces good(name);
  const Pieces second(book.noted(other + ", name"));
  const auto refuse = [&](const char* what, const char* field, const c::Bytes& bytes, const char* error) {
    Json bad = book.noted(group + ", " + field);
    bad["envelope"] = hex(bytes);
    bad.erase("text");
    book.refuse(std::move(bad), std::string("a group: ") + what, error);
  };
  const auto changed = [&](const char* what, const char* field, const char* error, auto change) {
    Pieces bad = good;
    change(bad);
    refuse(what, field, bad.joined(), error);
  };
  const auto byte = [&](const char* what, const char* field, std::size_t member, std::size_t at, unsigned to,
                        const char* error) {
    changed(what, field, error, [&](Pieces& bad) { bad.members[member][at] = static_cast<std::byte>(to); });
  };
  const auto head = [&](const char* what, std::size_t at, unsigned to, const char* error) {
    changed(what, "name", error, [&](Pieces& bad) { bad.head[at] = static_cast<std::byte>(to); });
  };
  head("another format", 0, 0xC3, "malformed");
  head("the transient format", 0, 0xC2, "not_bound");
  head("the format of a field alone", 0, 0xC1, "unknown_revision");
  changed("the format and revision of a field alone", "name", "tampered", [](Pieces& bad) {
    bad.head[0] = std::byte{0xC1};
    bad.head[2] = std::byte{1};
  });
  head("suite 0", 1, 0, "suite_unavailable");
  head("suite 255", 1, 0xFF, "suite_unavailable");
  head("a revision in the header", 2, 1, "malformed");
  head("another generation", 3, 0x4D, "unknown_key");
  head("generation 0", 3, 0, "unknown_key");
  changed("another nonce", "name", "tampered", [](Pieces& bad) { bad.head[6] ^= std::byte{1}; });
  changed("another ciphertext", "name", "tampered", [](Pieces& bad) { bad.members[2][6] ^= std::byte{1}; });
  changed("another tag", "motto", "tampered", [](Pieces& bad) { bad.members[5].back() ^= std::byte{1}; });
  byte("a revision that is not declared", "name", 2, 2, 2, "unknown_revision");
  byte("revision 0", "name", 2, 2, 0, "unknown_revision");
  byte("an earlier revision", "nick", 3, 2, 1, "tampered");
  byte("a length too long", "motto", 5, 3, 1, "malformed");
  byte("a length too short", "name", 2, 3, 5, "malformed");
  byte("a length above the limit", "name", 2, 5, 0xFF, "malformed");
  byte("a shorter length, and what follows is a member still", "tags", 4, 3,
       std::to_integer<unsigned>(good.members[4][3]) - 1, "tampered");
  byte("renamed", "name", 2, 0, 6, "foreign_envelope");
  byte("renamed below the one before", "name", 2, 0, 0, "malformed");
  byte("renamed as the one before", "address", 2, 0, 2, "malformed");
  changed("another member under the name", "name", "tampered", [](Pieces& bad) {
    bad.members = {bad.members[3]};
    bad.members[0][0] = std::byte{5};
    bad.members[0][2] = std::byte{1};
  });
  changed("two contents swapped", "since", "tampered", [&](Pieces& bad) {
    bad.members = {good.members[1], good.members[0]};  // each with the other's number and revision
    for (std::size_t at = 0; at != 3; ++at) std::swap(bad.members[0][at], bad.members[1][at]);
  });
  changed("members swapped", "name", "malformed", [](Pieces& bad) { std::swap(bad.members[2], bad.members[3]); });
  changed("a member twice", "name", "malformed", [&](Pieces& bad) { bad.members[3] = good.members[2]; });
  changed("left out", "name", "foreign_envelope", [](Pieces& bad) { bad.members.erase(bad.members.begin() + 2); });
  changed("no members", "name", "truncated", [](Pieces& bad) { bad.members.clear(); });
  changed("no members, but bytes", "name", "malformed", [](Pieces& bad) { bad.members = {c::Bytes(21)}; });
  changed("a member of another group of the row", "name", "tampered",
          [&](Pieces& bad) { bad.members[2] = second.members[2]; });
  const c::Bytes whole = good.joined();
  const auto cut = [&](const char* what, std::size_t size, const char* error) {
    refuse(what, "name", c::Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), error);
  };
  cut("nothing", 0, "truncated");
  cut("half a header", 5, "truncated");
  cut("half a nonce", 12, "truncated");
  cut("half an entry", good.head.size() + good.members[0].size() + 3, "malformed");
  cut("an entry alone", good.head.size() + good.members[0].size() + 6, "malformed");
  cut("an entry and no tag", good.head.size() + good.members[0].size() + good.members[1].size() - 16, "malformed");
  cut("only those before", good.head.size() + good.members[0].size() + good.members[1].size(), "foreign_envelope");
  cut("a byte less", whole.size() - 1, "malformed");
  c::Bytes longer = whole;
  longer.push_back(std::byte{0});
  refuse("a byte more", "name", longer, "malformed");
  const auto elsewhere = [&](const char* what, const char* field, const char* key, Json to) {
    Json bad = book.noted(group + ", " + field);
    bad[key] = std::move(to);
    bad.erase("text");
    book.refuse(std::move(bad), std::string("a group: ") + what, "tampered");
  };
  elsewhere("another row", "name", "row", hex(c::as_bytes("elsewhere")));
  elsewhere("another person", "name", "owners", Json::array({other_person}));
  elsewhere("an older version", "address", "version", 8);
}

template <class Suite>
Json write_groups() {
  Book<Frozen, Suite> book;
  const auto alice = book.person("alice");
  const auto bob = book.person("bob");
  const auto carol = book.person("carol");
  Card card;
  card.name = std::string("Li Lei, who has a long name");
  card.address = std::string("Lane 7");
  card.tags = std::vector<std::string>{"ab", "", "c"};
  card.since = std::int64_t{-631152000000};
  card.motto = std::string();
  card.nick = std::string("li");
  Card other = card;
  book.seal_group("card", "alice", alice, 7, card);
  book.seal_group("the same again", "alice", alice, 7, other);
  Card large;
  large.name = std::string(300, 'x');
  large.motto = std::string("\xe4\xb8\xad\xe6\x96\x87");
  book.seal_group("a long one", std::string("\0\xff\n", 3), bob, 0, large);
  CardBefore before;
  before.nick = std::string("al");
  before.gone = std::string("by");
  book.seal_group("revision 1", "carol", carol, 0, before);
  for (const char* name : {"revision 1, nick", "revision 1, nick alone"})
    book.noted(name)["revisions"] = place_of<&Card::nick>()["revisions"];
  const auto talk = book.converse({alice, bob, carol});
  Letter letter;
  letter.subject = std::string("tonight");
  letter.body = std::string("see you at eight");
  book.seal_group("a letter", "l1", talk, {carol.handle(), alice.handle(), bob.handle()}, 0x0102030405060708, letter);
  group_refusals(book, "card", "the same again", hex(bob.handle().bytes));
  return book.done();
}

/// (`ab`,`c`) and (`a`,`bc`) in purposes, and in product and row.
template <class Product>
Json write_split(const std::string& row) {
  Book<Product, X> book;
  const auto person = book.person("u1");
  const Json first = book.template seal<&SplitAb::text>("(ab, c)", row, person, 7, std::string("15400059572"));
  const Json second = book.template seal<&SplitA::text>("(a, bc)", row, person, 7, std::string("15400059572"));
  Json swapped = first;
  swapped["envelope"] = second["envelope"];
  swapped.erase("text");
  book.refuse(std::move(swapped), "(a, bc) as (ab, c)", "tampered");
  return book.done();
}

int write(const char* path, bool groups_alone) {
  Json all = Json::array();
  all.push_back(write_groups<X>());
  if (G::available()) all.push_back(write_groups<G>());
  if (!groups_alone) {
    all.push_back(write_book<X>());
    if (G::available()) all.push_back(write_book<G>());
    all.push_back(write_split<ProductAb>("c"));
    all.push_back(write_split<ProductA>("bc"));
  }
  std::ofstream out(path);
  out << all.dump(1) << '\n';
  return out.good() ? 0 : 1;
}

template <class Product, class Suite>
std::vector<std::string> faults(const Json& book, std::size_t& looked_at) {
  Book<Product, Suite> reader;
  return reader.faults(book, looked_at);
}

int open(const char* path) {
  std::ifstream in(path);
  const Json all = Json::parse(in, nullptr, false);
  if (!all.is_array()) return std::printf("%s: not a list of books\n", path), 1;
  std::size_t looked_at = 0;
  std::size_t bad = 0;
  for (const auto& book : all) {
    const std::string product = book["product"];
    const bool gcm = book["suite"] == 2;
    if (gcm && !G::available()) {
      std::printf("%s: AES-256-GCM is not available here, a book was left out\n", path);
      continue;
    }
    const auto found = product == "ab"  ? faults<ProductAb, X>(book, looked_at)
                       : product == "a" ? faults<ProductA, X>(book, looked_at)
                       : gcm            ? faults<Frozen, G>(book, looked_at)
                                        : faults<Frozen, X>(book, looked_at);
    for (const auto& fault : found) std::printf("%s: %s: %s\n", path, product.c_str(), fault.c_str());
    bad += found.size();
  }
  std::printf("%s: %zu looked at, %zu wrong\n", path, looked_at, bad);
  return bad == 0 && looked_at != 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view verb = count > 2 ? words[1] : "";
  if ((verb == "write" || verb == "groups") && count == 3) return write(words[2], verb == "groups");
  if (verb != "open") return std::puts("write <file> | groups <file> | open <file>..."), 2;
  int worst = 0;
  for (int i = 2; i != count; ++i) worst |= open(words[i]);
  return worst;
}
