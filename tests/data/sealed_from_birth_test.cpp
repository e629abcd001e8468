// SPDX-License-Identifier: Apache-2.0
// A guarded object never holds plaintext, and what is opened is wiped: every block of operator new is searched.
#include "custody_catch.hpp"
#include "memory_watch.hpp"
#include "world.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <new>

#include <pthread.h>

#include <custody/data/display.hpp>
#include <custody/data/incoming_form.hpp>
#include <custody/data/incoming_json.hpp>

namespace custody_test {
namespace {

struct Block {
  Block* next;
  Block* previous;
  std::size_t size;
  std::size_t padding;
};
static_assert(sizeof(Block) % alignof(std::max_align_t) == 0);

pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
void lock_guard() { pthread_mutex_lock(&guard); }
void unlock_guard() { pthread_mutex_unlock(&guard); }
/// A child of the tests that fork beside busy threads may find the lock held by a thread that it does not have.
const int at_fork = pthread_atfork(lock_guard, unlock_guard, unlock_guard);
Block blocks{&blocks, &blocks, 0, 0};
char wanted[64];
std::size_t wanted_size = 0;
std::size_t dirty = 0;
std::atomic<std::size_t> taken{0};

void* take(std::size_t size) noexcept {
  auto* const block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
  if (block == nullptr) return nullptr;
  taken.fetch_add(1, std::memory_order_relaxed);
  block->size = size;
  std::memset(static_cast<void*>(block + 1), 0, size);  // what malloc recycles is not ours to find again
  pthread_mutex_lock(&guard);
  block->next = blocks.next;
  block->previous = &blocks;
  blocks.next->previous = block;
  blocks.next = block;
  pthread_mutex_unlock(&guard);
  return block + 1;
}

void give(void* memory) noexcept {
  if (memory == nullptr) return;
  Block* const block = static_cast<Block*>(memory) - 1;
  pthread_mutex_lock(&guard);
  if (wanted_size != 0 && memmem(memory, block->size, wanted, wanted_size) != nullptr) ++dirty;
  block->next->previous = block->previous;
  block->previous->next = block->next;
  pthread_mutex_unlock(&guard);
  std::free(block);
}

}  // namespace

MemoryWatch::MemoryWatch(std::string_view sentinel) {
  pthread_mutex_lock(&guard);
  std::memcpy(wanted, sentinel.data(), sentinel.size());
  wanted_size = sentinel.size();
  dirty = 0;
  taken = 0;
  pthread_mutex_unlock(&guard);
}
MemoryWatch::~MemoryWatch() {
  pthread_mutex_lock(&guard);
  wanted_size = 0;
  pthread_mutex_unlock(&guard);
}
std::size_t MemoryWatch::freed_dirty() const {
  pthread_mutex_lock(&guard);
  const std::size_t count = dirty;
  pthread_mutex_unlock(&guard);
  return count;
}
std::size_t MemoryWatch::live_dirty() const {
  std::size_t count = 0;
  pthread_mutex_lock(&guard);
  for (const Block* at = blocks.next; at != &blocks; at = at->next) {
    count += memmem(at + 1, at->size, wanted, wanted_size) != nullptr ? 1U : 0U;
  }
  pthread_mutex_unlock(&guard);
  return count;
}
std::size_t MemoryWatch::allocations() const { return taken; }

bool holds(const void* memory, std::size_t size, std::string_view sentinel) {
  asm volatile("" : "+r"(memory) : : "memory");  // an optimiser knows nothing of what is there, destroyed or not
  return memmem(memory, size, sentinel.data(), sentinel.size()) != nullptr;
}

}  // namespace custody_test

void* operator new(std::size_t size) {
  void* const memory = custody_test::take(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t size) { return ::operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return custody_test::take(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return custody_test::take(size); }
void operator delete(void* memory) noexcept { custody_test::give(memory); }
void operator delete[](void* memory) noexcept { custody_test::give(memory); }
void operator delete(void* memory, std::size_t) noexcept { custody_test::give(memory); }
void operator delete[](void* memory, std::size_t) noexcept { custody_test::give(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { custody_test::give(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { custody_test::give(memory); }

using namespace custody_test;

namespace {

// Three lengths: inside a string's own buffer, on the heap, and over libsodium's short path.
constexpr const char* sentinels[] = {"5e4717e1-SSO!!", "5e4717e1-on-the-heap-with-thirty-and-more-characters"};
using Text = c::Personal<std::string, AccountService>;

template <class Type>
bool clean(const Type& object, std::string_view sentinel) {
  return !holds(&object, sizeof object, sentinel);
}

struct Visit {
  std::string where;
  std::optional<std::string> note;
  std::vector<std::string> people;
  std::int64_t when = 0;
  using custody_codec = c::codec_members<1, &Visit::where, &Visit::note, &Visit::people, &Visit::when>;
};

struct Diary : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  Text text;
  c::Personal<std::vector<std::byte>, AccountService> bytes;
  c::Personal<std::vector<std::string>, AccountService> list;
  c::Personal<std::optional<std::string>, AccountService> maybe;
  c::Personal<std::array<std::string, 2>, AccountService> pair;
  c::Personal<Visit, AccountService> visit;
  c::Personal<std::vector<Visit>, AccountService> visits;
  c::Personal<std::uint64_t, AccountService> number;
  using custody_fields = c::Fields<
      c::record<"diary", 30>, c::field<1, "text", &Diary::text, c::Category::bio>,
      c::field<2, "bytes", &Diary::bytes, c::Category::bio>, c::field<3, "list", &Diary::list, c::Category::bio>,
      c::field<4, "maybe", &Diary::maybe, c::Category::bio>, c::field<5, "pair", &Diary::pair, c::Category::bio>,
      c::field<6, "visit", &Diary::visit, c::Category::bio>, c::field<7, "visits", &Diary::visits, c::Category::bio>,
      c::field<8, "number", &Diary::number, c::Category::bio>>;
};

/// Binds, stores, loads, copies and releases a field that was given a value, and counts what was left behind.
template <auto Member, class Source>
void give_away(std::string_view sentinel, Source source) {
  using Field = c::detail::member_type<Member>;
  using Payload = typename Field::custody_declared::payload;
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Diary>("row", person);
  bool found = false;
  {
    Diary diary;
    auto& field = diary.*Member;
    field = std::move(source);
    MemoryWatch watch(sentinel);
    CHECK(watch.live_dirty() == 0);
    CHECK(clean(diary, sentinel));
    REQUIRE(c::bind<Member>(row, field));
    const Field copy = field;
    auto stored = c::at_rest::blob(copy);
    REQUIRE(stored);
    Diary loaded;
    REQUIRE(c::at_rest::from_blob<Member>(row, *stored, loaded.*Member));
    CHECK(watch.live_dirty() == 0);
    auto look = c::sink<AccountService, "look">([&](const Payload& value) {
      found = c::detail::with_encoded(value,
                                      [&](c::ByteView plain) { return holds(plain.data(), plain.size(), sentinel); });
    });
    REQUIRE((loaded.*Member).release(permit, look));
    auto made = c::map(permit, loaded.*Member, [](const Payload& value) noexcept { return value; });
    REQUIRE(made);
    Diary derived;
    derived.*Member = *made;
    REQUIRE(c::bind<Member>(row, derived.*Member));
    auto joined =
        c::join(permit, loaded.*Member, permit, *made, [](const Payload& a, const Payload&) noexcept { return a; });
    REQUIRE(joined);
    CHECK(watch.live_dirty() == 0);
    CHECK(watch.freed_dirty() == 0);
  }
  CHECK(found);  // the positive control: the sink did see it
}

}  // namespace

TEST_CASE("positive control: a plain string is found, in the object and on the heap, alive and freed") {
  const std::string_view sentinel = sentinels[1];
  MemoryWatch watch(sentinel);
  {
    const std::string text(sentinel);
    CHECK(watch.live_dirty() == 1);
    const std::string copy = text;
    CHECK(watch.live_dirty() == 2);
  }
  CHECK(watch.live_dirty() == 0);
  CHECK(watch.freed_dirty() == 2);
  const std::string near(sentinels[0]);
  CHECK_FALSE(clean(near, sentinels[0]));
}

TEST_CASE("a field holds ciphertext through construction, assignment, copy, move and destruction") {
  for (const std::string_view sentinel : sentinels) {
    CAPTURE(sentinel.size());  // not the text: Catch would keep a copy
    std::string source(sentinel);
    MemoryWatch watch(sentinel);
    const std::size_t before = watch.live_dirty();  // the source, when it is on the heap
    alignas(Text) unsigned char storage[sizeof(Text)];
    Text* field = ::new (static_cast<void*>(storage)) Text(source);
    CHECK((source == sentinel));  // an lvalue stays with its owner
    CHECK(clean(*field, sentinel));
    Text copy = *field;
    Text assigned;
    assigned = *field;
    assigned = source;
    assigned = sentinel.data();
    Text& itself = assigned;
    assigned = itself;
    CHECK(assigned.has_value());
    assigned = std::move(itself);
    CHECK(assigned.has_value());
    Text moved = std::move(copy);
    CHECK_FALSE(copy.has_value());  // NOLINT(bugprone-use-after-move)
    CHECK((clean(copy, sentinel) && clean(moved, sentinel) && clean(assigned, sentinel)));
    std::swap(moved, assigned);
    CHECK(watch.live_dirty() == before);
    field->~Text();
    CHECK_FALSE(holds(storage, sizeof storage, sentinel));
    CHECK(watch.freed_dirty() == 0);
  }
}

TEST_CASE("an rvalue source is wiped, whatever it is") {
  for (const std::string_view sentinel : sentinels) {
    CAPTURE(sentinel.size());  // not the text: Catch would keep a copy
    std::string text(sentinel);
    text.reserve(200);  // the part beyond the length as well
    std::memcpy(text.data() + 100, sentinel.data(), sentinel.size());
    MemoryWatch watch(sentinel);
    Text field = std::move(text);
    CHECK(field.has_value());
    CHECK(text.empty());  // NOLINT(bugprone-use-after-move)
    CHECK_FALSE(holds(&text, sizeof text, sentinel));
    CHECK(watch.live_dirty() == 0);
    field = std::string(sentinel);
    c::Incoming body{std::string(sentinel)};
    field = std::move(body);
    CHECK(body.empty());  // NOLINT(bugprone-use-after-move)
    CHECK(watch.live_dirty() == 0);
    CHECK(watch.freed_dirty() == 0);
  }
}

TEST_CASE("texts, bytes, lists, optionals, arrays and structs are wiped on the way in and on the way out") {
  give_away<&Diary::number>("\x5e\x47\x17\xe1\xc0\xde\xca\xfe", std::uint64_t{0xfecadec0e117475e});
  for (const char* raw : sentinels) {
    const std::string_view sentinel = raw;
    CAPTURE(sentinel.size());  // not the text: Catch would keep a copy
    const c::ByteView view = c::as_bytes(sentinel);
    const auto text = [&] { return std::string(sentinel); };
    give_away<&Diary::text>(sentinel, text());
    give_away<&Diary::bytes>(sentinel, std::vector<std::byte>(view.begin(), view.end()));
    std::vector<std::string> list;
    list.reserve(3);
    list.emplace_back("a");
    list.emplace_back(sentinel);
    list.emplace_back(sentinel);
    give_away<&Diary::list>(sentinel, std::move(list));
    give_away<&Diary::maybe>(sentinel, std::optional<std::string>(text()));
    give_away<&Diary::pair>(sentinel, std::array<std::string, 2>{text(), text()});
    const auto visit = [&] {
      Visit made;
      made.where = text();
      made.note = text();
      made.people.reserve(2);
      made.people.emplace_back(sentinel);
      made.people.emplace_back(sentinel);
      return made;
    };
    give_away<&Diary::visit>(sentinel, visit());
    std::vector<Visit> visits;
    visits.reserve(1);
    visits.push_back(visit());
    give_away<&Diary::visits>(sentinel, std::move(visits));
  }
}

TEST_CASE("a value that fails to decode is wiped as well") {
  const std::string_view sentinel = sentinels[1];
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  std::string cut;  // a list of two whose second element is cut short
  cut.append("\2\0\0\0", 4)
      .append(1, static_cast<char>(sentinel.size()))
      .append("\0\0\0", 3)
      .append(sentinel)
      .append("\xFF\0\0\0x", 5);
  Diary diary;
  const auto& field = c::detail::FieldPlace<&Diary::list>::facts;
  REQUIRE(c::detail::CellOffice::cell(diary.list)
              .seal_bound(c::as_bytes(cut), c::BindingOffice::body(world.row<Diary>("row", person)), field));
  c::wipe(cut);
  MemoryWatch watch(sentinel);
  CHECK(refusal(diary.list, permit) == code(c::Errc::malformed));
  CHECK(watch.live_dirty() == 0);
  CHECK(watch.freed_dirty() == 0);
}

TEST_CASE("parsers, masks and passwords leave nothing behind") {
  const std::string_view sentinel = sentinels[1];
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  c::Incoming form(std::string("p=") + "5%65" + std::string(sentinel.substr(2)) + "&q=1");
  c::Incoming json(R"({"a":"5\u0065)" + std::string(sentinel.substr(2)) + R"("})");
  MemoryWatch watch(sentinel);
  Account account;
  REQUIRE(c::take_form(form, "p", account.phone));
  REQUIRE(c::take_json(json, "a", account.email));
  REQUIRE(c::take_json(json, "a", account.password));
  CHECK(watch.live_dirty() == 0);
  REQUIRE(c::bind<&Account::phone>(row, account.phone));
  REQUIRE(c::bind<&Account::email>(row, account.email));
  REQUIRE(c::bind<&Account::password>(row, account.password));
  CHECK(c::show<c::mask_phone>(permit, account.phone));
  CHECK(c::show<c::mask_email>(permit, account.email));
  CHECK(*account.password.matches(permit, sentinel));
  account.password = std::string(sentinel);
  CHECK(clean(account, sentinel));
  CHECK(watch.live_dirty() == 0);
  CHECK(watch.freed_dirty() == 0);
}

TEST_CASE("a refused release decrypts into nothing that stays") {
  const std::string_view sentinel = sentinels[1];
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  Account account;
  account.phone = sentinel.data();
  REQUIRE(c::bind<&Account::phone>(world.row<Account>("row", person), account.phone));
  MemoryWatch watch(sentinel);
  world.witness.failing = true;
  CHECK(refusal(account.phone, permit) == code(c::Errc::evidence_unwritable));
  world.witness.failing = false;
  auto moved = c::restrict_to<Text>(permit, account.phone);
  CHECK(moved);
  CHECK(watch.live_dirty() == 0);
  CHECK(watch.freed_dirty() == 0);
}
