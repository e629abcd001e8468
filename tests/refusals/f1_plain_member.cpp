// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F1]
// REFUSES: Fix: wrap it in Public, Personal or Classified
// REFUSES-FIRST: custody[F1]
// REFUSES-SHORT
#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
#ifdef CUSTODY_REFUSED
  // snippet: broken
  std::string question;
  // end: broken
#else
  // snippet: fixed
  custody::Personal<std::string, AccountService> question;
  // end: fixed
#endif
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
