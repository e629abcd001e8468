// SPDX-License-Identifier: Apache-2.0
// Somebody keeps the address of released plaintext and reads there after the release ended.
#include "custody_catch.hpp"
#include "secrets.hpp"

#include <cstring>

#include <custody/data/display.hpp>

using namespace custody_test;

namespace {

/// What a careless sink keeps: where the plaintext was.
struct Kept {
  const void* at = nullptr;
  std::size_t size = 0;
  bool seen = false;
};

/// Reads what is at an address now. Blocks that were freed are still there under a HeapWatch.
__attribute__((noinline)) std::uint32_t read_late(const Needles& needles, const Kept& kept) {
  return needles.in(kept.at, kept.size);
}
__attribute__((noinline)) std::uint32_t read_in_time(const Needles& needles, const void* at, std::size_t size) {
  return needles.in(at, size);
}

struct Note {
  std::string text;
  std::vector<std::string> more;
  using custody_codec = c::codec_members<1, &Note::text, &Note::more>;
};
struct Drawer : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Personal<std::string, AccountService> text;
  c::Personal<std::vector<std::byte>, AccountService> bytes;
  c::Personal<Note, AccountService> note;
  using custody_fields = c::Fields<c::record<"drawer", 70>, c::field<1, "text", &Drawer::text, c::Category::bio>,
                                   c::field<2, "bytes", &Drawer::bytes, c::Category::bio>,
                                   c::field<3, "note", &Drawer::note, c::Category::bio>>;
};

struct Scene {
  Scene() : person(ground.person("u1")), permit(ground.permit<AccountService>(person)) {}
  template <auto Member, class Source>
  auto sealed(Source source) {
    const auto row = std::move(*ground.ring->binding<Drawer>("row", person));
    return std::move(*c::seal_for<Member>(row, std::move(source)));
  }
  Ground<> ground;
  c::Subject person;
  c::Permit<AccountService> permit;
};

constexpr std::size_t sizes[] = {16, 24, 64, 100, 193, 256, 448, 512, 1024, 4096, 16'384};

}  // namespace

TEST_CASE("a reader of released text sees nothing after the release ended", "[reader]") {
  for (const std::size_t size : sizes) {
    CAPTURE(size);
    Needles needles;
    const Canary canary(static_cast<unsigned>(size));
    canary.remember_pieces(needles, "piece", size < 120 ? size : 120);
    Scene scene;
    const auto text = scene.sealed<&Drawer::text>(canary.text(size));
    Kept kept;
    auto careless = c::sink<AccountService, "careless">([&](std::string_view view) {
      kept = {view.data(), view.size(), read_in_time(needles, view.data(), view.size()) == needles.all()};
    });
    const HeapWatch watch(needles);
    const bool good = text.release(scene.permit, careless).has_value();
    CHECK((good && kept.seen));  // the positive control: in time it was all there
    CHECK(read_late(needles, kept) == 0);
    CHECK(watch.freed() == 0);
  }
}

TEST_CASE("nor of bytes, of a decoded value and of its parts", "[reader]") {
  Needles needles;
  const Canary canary(21);
  canary.remember_pieces(needles, "piece", 80);
  Scene scene;
  const auto raw = [&] {
    std::vector<std::byte> out(80);
    canary.write(out.data(), out.size());
    return out;
  };
  const auto note = [&] {
    Note out;
    out.text = canary.text(80);
    out.more.reserve(2);
    out.more.push_back(canary.text(80));
    out.more.push_back(canary.text(80));
    return out;
  };
  const auto bytes = scene.sealed<&Drawer::bytes>(raw());
  const auto notes = scene.sealed<&Drawer::note>(note());
  Kept places[4];
  const auto keep = [&](Kept& kept, const void* at, std::size_t size) {
    kept = {at, size, read_in_time(needles, at, size) == needles.all()};
  };
  auto bytewise = c::sink<AccountService, "bytewise">(
      [&](std::span<const std::byte> view) { keep(places[0], view.data(), view.size()); });
  auto whole = c::sink<AccountService, "whole">([&](const Note& value) {
    keep(places[1], value.text.data(), value.text.size());
    keep(places[2], value.more[0].data(), value.more[0].size());
    keep(places[3], value.more[1].data(), value.more[1].size());
  });
  const HeapWatch watch(needles);
  const bool first = bytes.release(scene.permit, bytewise).has_value();
  const bool second = notes.release(scene.permit, whole).has_value();
  CHECK((first && second));
  for (const Kept& kept : places) {
    CHECK(kept.seen);
    CHECK(read_late(needles, kept) == 0);
  }
  CHECK(watch.freed() == 0);
}

namespace {
Kept region_saw;  // that a region's function writes to a global is what it must not do, and what this reader does
}

TEST_CASE("nor what a region computed on, what binding opened or what was masked", "[reader]") {
  for (const std::size_t size : sizes) {
    CAPTURE(size);
    Needles needles;
    const Canary canary(static_cast<unsigned>(size) + 5000);
    canary.remember_pieces(needles, "piece", size < 120 ? size : 120);
    Scene scene;
    const auto row = scene.ground.row(scene.person);
    const HeapWatch watch(needles);
    Account account;
    account.phone = canary.text(size);
    const bool bound = c::bind<&Account::phone>(row, account.phone).has_value();
    CHECK(bound);
    const bool mapped = c::map(scene.permit, account.phone, [](const std::string& text) noexcept {
                          region_saw = {text.data(), text.size(), true};
                          return text;
                        }).has_value();
    CHECK(mapped);
    CHECK(region_saw.seen);
    CHECK(read_late(needles, region_saw) == 0);
    const bool shown = c::show<c::mask_phone>(scene.permit, account.phone).has_value();
    CHECK(shown);
    CHECK(watch.freed() == 0);
  }
}
