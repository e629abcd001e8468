// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../custody/privacy_fields.h"

#include <custody/sealing.hpp>

#include <string>

struct Person {
  std::string account;
  custody::Personal<std::string, AccountService> phone;
  custody::Sensitive<std::string, AccountService> id_number;
  using custody_fields =
      custody::Fields<custody::record<"person", 1>, custody::migrating<&Person::account>,
                      custody::retained<custody::account_life, custody::erase_within<custody::working_days(15)>>,
                      custody::field<1, "phone", &Person::phone, custody::Category::phone>,
                      custody::field<2, "id_number", &Person::id_number, custody::Category::id_number>>;
};

/// The same code as each of two shared objects has it, with hidden visibility.
struct Module {
  void (*fill)(Person& person, std::string&& phone, std::string&& id_number);
  custody::Result<void> (*settle)(HostRing& keys, Person& person);
  std::string (*stored)(const Person& person);
  custody::Result<void> (*load)(HostRing& keys, const std::string& stored, Person& person);
  bool (*holds)(HostRing& keys, const Person& person, const std::string& phone, const std::string& id_number);
};

HOST_API Module left_module();
HOST_API Module right_module();
