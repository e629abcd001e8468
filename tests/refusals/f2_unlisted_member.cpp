// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F2]: a record member is missing from custody_fields
// REFUSES: Fix: list every member as field, key, owner or migrating
// REFUSES-FIRST: custody[F2]
// REFUSES-SHORT
#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname question;
  Nickname answer;
#ifdef CUSTODY_REFUSED
  // snippet: broken
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
  // end: broken
#else
  // snippet: fixed
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>,
                      custody::field<2, "answer", &Ticket::answer, custody::Category::support_ticket>>;
  // end: fixed
#endif
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
