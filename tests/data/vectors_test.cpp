// SPDX-License-Identifier: Apache-2.0
// Known-answer envelopes: the byte format is frozen. The expected bytes were made once and are checked here a second time
// by an independent construction over libsodium's own calls.
#include "custody_catch.hpp"
#include "kernel_bytes.hpp"
#include "world.hpp"

#include <cerrno>
#include <cstdio>
#include <thread>

#include <sodium.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace custody_test {
namespace {

thread_local int kernel_mode = 0;  // 0 the kernel, 1 counts, 2 fails
thread_local unsigned counted = 0;

}  // namespace

CountedBytes::CountedBytes() {
  std::byte other[16];  // or the first bytes here could be the last ones of a case before: a kernel that stands still
  static_cast<void>(c::detail::draw_entropy(other));
  kernel_mode = 1;
  counted = 0;
}
CountedBytes::~CountedBytes() { kernel_mode = 0; }
NoBytes::NoBytes() { kernel_mode = 2; }
NoBytes::~NoBytes() { kernel_mode = 0; }

}  // namespace custody_test

extern "C" __attribute__((visibility("default"))) ssize_t getrandom(void* out, size_t length, unsigned flags) {
  using namespace custody_test;
  if (kernel_mode == 2) {
    errno = EIO;
    return -1;
  }
  if (kernel_mode == 0) return static_cast<ssize_t>(::syscall(SYS_getrandom, out, length, flags));
  for (size_t i = 0; i != length; ++i) static_cast<unsigned char*>(out)[i] = static_cast<unsigned char>(counted++);
  return static_cast<ssize_t>(length);
}

using namespace custody_test;

namespace {

std::string hex(c::ByteView bytes) {
  std::string out;
  for (const std::byte b : bytes) {
    out += "0123456789abcdef"[std::to_integer<unsigned>(b) / 16];
    out += "0123456789abcdef"[std::to_integer<unsigned>(b) % 16];
  }
  return out;
}

struct Ab final : c::Purpose<"ab", c::Basis::contract> {};
struct C final : c::Purpose<"c", c::Basis::contract> {};
struct A final : c::Purpose<"a", c::Basis::contract> {};
struct Bc final : c::Purpose<"bc", c::Basis::contract> {};
using ProductAb = c::Product<"ab", c::Region::CN, Ab, C, A, Bc>;
using ProductA = c::Product<"a", c::Region::CN, Ab, C, A, Bc>;

using Life = c::Retained<c::account_life, c::erase_within<c::working_days(15)>>;
template <class... Tags>
struct Vector : Life {
  c::Personal<std::string, Tags...> plain;
  c::Classified<c::Personal<std::string, Tags...>, c::Level::grade4> grade4;
  using custody_fields =
      c::Fields<c::record<"vector", 0x01020304>, c::field<1, "plain", &Vector::plain, c::Category::bio>,
                c::field<0x0506, "grade4", &Vector::grade4, c::Category::bio>>;
};
using First = Vector<Ab, C>;
using Second = Vector<A, Bc>;

/// What a vector is made of, for the second construction.
struct Made {
  std::string envelope;
  bool again = false;  ///< the independent construction gives the same
};

void le(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i != bytes; ++i) out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
}
void part(std::string& out, std::string_view text) {
  le(out, text.size(), 4);
  out += text;
}
std::string counted_bytes(unsigned from, unsigned count) {
  std::string out;
  for (unsigned i = 0; i != count; ++i) out += static_cast<char>(static_cast<unsigned char>(from + i));
  return out;
}
const unsigned char* raw(const std::string& s) { return reinterpret_cast<const unsigned char*>(s.data()); }

/// The format by the book: BLAKE2b-derived field key, canonical associated data, XChaCha20-Poly1305.
std::string by_the_book(std::string_view product, std::string_view row, std::string_view purposes, unsigned level,
                        std::uint16_t field, std::uint64_t version, std::string_view plain, const std::string& nonce) {
  const std::string handle = counted_bytes(0, 16);
  const std::string base = counted_bytes(16, 32);
  std::string context = "custody.derive.1";
  part(context, "field");
  le(context, 1, 1);
  le(context, 0x01020304, 4);
  le(context, field, 2);
  unsigned char key[32];
  ::crypto_generichash(key, 32, raw(context), context.size(), raw(base), base.size());
  std::string envelope("\xC1\x01\x01\x01\x00\x00", 6);
  std::string aad = "custody:b1" + envelope;
  le(aad, field, 2);
  aad += purposes;
  le(aad, level, 1);
  le(aad, 0, 1);
  if (level >= 4) le(aad, version, 8);
  part(aad, product);
  le(aad, 0x01020304, 4);
  le(aad, 1, 4);
  aad += handle;
  part(aad, row);
  std::string out(plain.size() + 16, '\0');
  ::crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(out.data()), nullptr,
                                               reinterpret_cast<const unsigned char*>(plain.data()), plain.size(),
                                               raw(aad), aad.size(), nullptr, raw(nonce), key);
  return envelope + nonce + out;
}

/// One envelope under counted bytes: handle 0.., key 16.., wrap nonce 48.., then what the nonce takes.
template <class Product, class Record, auto Member>
Made make(std::string_view row, std::string_view purposes, unsigned level, std::uint16_t field, std::uint64_t version) {
  Made made;
  std::thread([&] {  // a thread of its own: a fresh nonce pool
    static_cast<void>(c::XChaCha20Poly1305::available());  // libsodium draws once when it starts
    const CountedBytes bytes;
    BasicWorld<Product> world;
    const auto person = world.person("u1");
    auto sealed = c::seal_for<Member>(world.template row<Record>(row, person, version), "15400059572");
    if (!sealed) return;
    const auto blob = *c::at_rest::blob(*sealed);
    made.envelope = hex(blob);
    const std::string nonce(c::as_text(c::ByteView(blob).subspan(6, 24)));
    const std::string_view product(Product::id.text, Product::id.length());
    made.again = by_the_book(product, row, purposes, level, field, version, "15400059572", nonce) == c::as_text(blob);
  })
      .join();
  if (std::getenv("CUSTODY_PRINT_VECTORS") != nullptr) std::printf("%s\n", made.envelope.c_str());
  return made;
}

constexpr std::string_view purposes_ab_c("\2\0\2ab\1c", 7);
constexpr std::string_view purposes_a_bc("\2\0\1a\2bc", 7);

}  // namespace

TEST_CASE("frozen envelopes: (ab, c) and (a, bc) in purposes, and in product and row") {
  const Made vectors[] = {
      make<ProductAb, First, &First::grade4>("row", purposes_ab_c, 4, 0x0506, 7),
      make<ProductAb, Second, &Second::grade4>("row", purposes_a_bc, 4, 0x0506, 7),
      make<ProductAb, First, &First::grade4>("c", purposes_ab_c, 4, 0x0506, 0),
      make<ProductA, First, &First::grade4>("bc", purposes_ab_c, 4, 0x0506, 0),
      make<ProductAb, First, &First::plain>("row", purposes_ab_c, 3, 1, 0),
  };
  const char* expected[] = {
      "c1010101000048494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
      "12c45da74ce8d0a4b72ac35282d3dba692480c075f660c35fda7e0",
      "c1010101000048494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
      "12c45da74ce8d0a4b72ac3f8d3ed30f6bf6082cc8eb791bdbba9c0",
      "c1010101000048494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
      "12c45da74ce8d0a4b72ac312b6f94342e25714d83a8447fbc83645",
      "c1010101000048494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
      "12c45da74ce8d0a4b72ac361e322484422f04e358994fd68c61fe2",
  };
  for (const Made& made : vectors) CHECK(made.again);
  for (std::size_t i = 0; i != std::size(expected); ++i) CHECK(vectors[i].envelope == expected[i]);
  CHECK(vectors[0].envelope != vectors[1].envelope);
  CHECK(vectors[2].envelope != vectors[3].envelope);
}

TEST_CASE("a frozen envelope opens today") {
  std::string text;
  std::thread([&] {
    static_cast<void>(c::XChaCha20Poly1305::available());  // libsodium draws once when it starts
    const CountedBytes bytes;
    BasicWorld<ProductAb> world;
    const auto person = world.person("u1");
    const auto row = world.row<First>("row", person, 7);
    First record;
    if (!c::at_rest::from_text<&First::grade4>(
            row, "~c1.wQEBAQAASElKS0xNTk9QUVJTVFVWV1hZWltcXV5fEsRdp0zo0KS3KsNSgtPbppJIDAdfZgw1_afg", record.grade4))
      return;
    static constexpr const c::Role& any = c::role<"any", c::RoleKind::service, c::Level::core, Ab>;
    text = released(record.grade4, world.permit<Ab>(person, any));
  }).join();
  CHECK(text == "15400059572");
}

TEST_CASE("without randomness nothing is sealed, and the field says why") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  Account account;
  std::thread([&] {  // a fresh nonce pool
    const NoBytes none;
    account.phone = "15400059572";
    account.id_number = "1";
    account.password = "hunter2";
  })
      .join();
  for (const auto code_of :
       {failure(account.phone.ingested()), failure(account.id_number.ingested()), failure(account.password.ingested()),
        failure(c::at_rest::blob(account.phone)), failure(c::bind<&Account::phone>(row, account.phone)),
        refusal(account.phone, world.permit<AccountService>(person))}) {
    CHECK(code_of == code(c::Errc::no_randomness));
  }
  CHECK_FALSE(account.phone.has_value());
  CHECK(account.phone.empty());
  std::thread([&] {
    const NoBytes none;
    CHECK(failure(c::seal_for<&Account::id_number>(row, "x")) == code(c::Errc::no_randomness));
    CHECK(failure(world.ring().enrol("u2")) == code(c::Errc::no_randomness));
  }).join();
  account.phone = "again";
  CHECK(account.phone.ingested());
}
