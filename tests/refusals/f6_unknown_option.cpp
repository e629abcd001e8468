// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F6]: a field has an option that is none
// REFUSES: Fix: use retained<...>, indexed<...> or formerly<...>
#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname question;
  using custody_fields = custody::Fields<
      custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
#ifdef CUSTODY_REFUSED
      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket, custody::until_checked>>;
#else
      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket,
                     custody::retained<custody::until_checked>>>;
#endif
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
