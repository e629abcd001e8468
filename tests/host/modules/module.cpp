// SPDX-License-Identifier: Apache-2.0
// One source for both shared objects: -DMODULE=left_module or right_module.
#include "module.hpp"

namespace {

custody::Result<custody::Binding> place_of(HostRing& keys, const Person& person) {
  auto subject = keys.find(person.account);
  if (!subject) return subject.error();
  return keys.binding<Person>(person.account, *subject);
}

void fill(Person& person, std::string&& phone, std::string&& id_number) {
  person.phone = std::move(phone);
  person.id_number = std::move(id_number);
}

custody::Result<void> settle(HostRing& keys, Person& person) {
  auto place = place_of(keys, person);
  if (!place) return place.error();
  if (auto done = custody::bind<&Person::phone>(*place, person.phone); !done) return done;
  return custody::bind<&Person::id_number>(*place, person.id_number);
}

std::string stored(const Person& person) {
  auto phone = custody::at_rest::text(person.phone);
  auto id_number = custody::at_rest::text(person.id_number);
  return phone && id_number ? *phone + " " + *id_number : std::string();
}

custody::Result<void> load(HostRing& keys, const std::string& text, Person& person) {
  auto place = place_of(keys, person);
  if (!place) return place.error();
  const auto space = text.find(' ');
  auto done = custody::at_rest::from_text<&Person::phone>(*place, text.substr(0, space), person.phone);
  if (!done) return done;
  return custody::at_rest::from_text<&Person::id_number>(*place, text.substr(space + 1), person.id_number);
}

bool holds(HostRing& keys, const Person& person, const std::string& phone, const std::string& id_number) {
  static constexpr custody::Actor actor{
      &custody::role<"module", custody::RoleKind::service, custody::Level::grade4, AccountService>, "module"};
  auto subject = keys.find(person.account);
  if (!subject) return false;
  auto permit = keys.permit<AccountService>(*subject, actor, custody::SystemClock().now() + custody::minutes(1));
  if (!permit) return false;
  auto same_phone = person.phone.release(
      *permit, custody::sink<AccountService, "same-phone">([&](std::string_view value) { return value == phone; }));
  auto same_number =
      person.id_number.release(*permit, custody::sink<AccountService, "same-number", custody::Level::grade4>(
                                            [&](std::string_view value) { return value == id_number; }));
  return same_phone && *same_phone && same_number && *same_number;
}

}  // namespace

Module MODULE() { return {fill, settle, stored, load, holds}; }
