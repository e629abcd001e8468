// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <custody/data/group.hpp>

#include "demo.hpp"

/// Two fields that are sealed together, and one that is not.
struct Card : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname name;
  Nickname motto;
  Phone phone;
  using custody_fields = custody::Fields<custody::record<"card", 4>, custody::owner<&Card::uid>,
                                         custody::field<1, "name", &Card::name, custody::Category::nickname>,
                                         custody::field<2, "motto", &Card::motto, custody::Category::bio>,
                                         custody::field<3, "phone", &Card::phone, custody::Category::phone>,
                                         custody::sealed_together<&Card::name, &Card::motto>>;
};
