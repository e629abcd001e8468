// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F8]: an index is cut to no bits or more than 128
// REFUSES: Fix: indexed<Normaliser, truncated<1 to 128>, stretched or slow>, once a field
#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname question;
#ifdef CUSTODY_REFUSED
  // snippet: broken
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket,
                                     custody::indexed<custody::exact, custody::truncated<0>>>>;
  // end: broken
#else
  // snippet: fixed
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket,
                                     custody::indexed<custody::exact, custody::truncated<12>>>>;
  // end: fixed
#endif
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
