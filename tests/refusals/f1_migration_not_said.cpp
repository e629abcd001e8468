// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F1]
// REFUSES: or list it as migrating
#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  std::string answer;
  Nickname question;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
#ifdef CUSTODY_REFUSED
                      custody::field<2, "answer", &Ticket::answer>,
#else
                      custody::migrating<&Ticket::answer>,
#endif
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
