// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F5]
// REFUSES: Fix: make it custody::Public
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
using Uid = Nickname;
// end: broken
#else
// snippet: fixed
using Uid = custody::Public<std::string>;
// end: fixed
#endif

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  Uid uid;
  Nickname question;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::key<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
