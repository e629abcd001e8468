// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F3]
// REFUSES: Fix: give each its own
#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname question;
  Nickname answer;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>,
#ifdef CUSTODY_REFUSED
                      // snippet: broken
                      custody::field<1, "answer", &Ticket::answer, custody::Category::support_ticket>>;
                      // end: broken
#else
                      // snippet: fixed
                      custody::field<2, "answer", &Ticket::answer, custody::Category::support_ticket>>;
                      // end: fixed
#endif
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
