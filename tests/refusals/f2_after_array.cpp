// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F2]: a record member is missing from custody_fields
// REFUSES: Fix: list every member as field, key, owner or migrating
#include <string>

#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  std::string attached[3];
#ifdef CUSTODY_REFUSED
  Nickname answer;
#endif
  Nickname question;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>, custody::migrating<&Ticket::attached>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
