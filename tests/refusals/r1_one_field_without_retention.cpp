// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[R1]: a record with personal data has no retention rule
// REFUSES: or put retained<
#include "demo.hpp"

using Days90 = custody::retained<custody::keep_for<custody::calendar_days(90)>>;

struct Ticket {
  custody::Public<std::string> uid;
  Nickname question;
  Nickname answer;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket, Days90>,
#ifdef CUSTODY_REFUSED
                      custody::field<2, "answer", &Ticket::answer, custody::Category::support_ticket>>;
#else
                      custody::field<2, "answer", &Ticket::answer, custody::Category::support_ticket, Days90>>;
#endif
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
