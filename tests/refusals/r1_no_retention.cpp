// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[R1]: a record with personal data has no retention rule
// REFUSES: Fix: derive from custody::Retained<
// REFUSES-FIRST: custody[R1]
// REFUSES-SHORT
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
struct Ticket {
// end: broken
#else
// snippet: fixed
struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
// end: fixed
#endif
  custody::Public<std::string> uid;
  Nickname question;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
