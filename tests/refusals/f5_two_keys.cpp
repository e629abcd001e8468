// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F5]
// REFUSES: and there is one key
#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  custody::Public<std::string> number;
  Nickname question;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::key<&Ticket::number>,
#ifdef CUSTODY_REFUSED
                      custody::key<&Ticket::uid>,
#else
                      custody::owner<&Ticket::uid>,
#endif
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
