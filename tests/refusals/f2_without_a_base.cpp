// SPDX-License-Identifier: Apache-2.0
// A plain aggregate names its retention in the list.
// REFUSES: custody[F2]: a record member is missing from custody_fields
// REFUSES: Fix: list every member as field, key, owner or migrating
#include "demo.hpp"

struct Ticket {
  custody::Public<std::string> uid;
  int pages;
#ifdef CUSTODY_REFUSED
  Nickname answer;
#endif
  Nickname question;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>, custody::migrating<&Ticket::pages>,
                      custody::retained<custody::keep_for<custody::calendar_days(90)>>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
