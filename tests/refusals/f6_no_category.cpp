// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F6]: a guarded field does not say what kind of data it is
// REFUSES: Fix: name a custody::Category after the member
#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname question;
  using custody_fields = custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
#ifdef CUSTODY_REFUSED
                                         custody::field<1, "question", &Ticket::question>>;
#else
                                         custody::field<1, "question", &Ticket::question,
                                                        custody::Category::support_ticket>>;
#endif
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
