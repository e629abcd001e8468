// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F4]
// REFUSES: Fix: make it an aggregate or add unchecked_layout<Reason>
#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  explicit Ticket(std::string id) : uid(id) {}
  custody::Public<std::string> uid;
  // end: broken
#else
  // snippet: fixed
  custody::Public<std::string> uid;
  // end: fixed
#endif
  Nickname question;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
