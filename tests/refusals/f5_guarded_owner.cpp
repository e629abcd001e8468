// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F5]
// REFUSES: the vault stores handles
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
using Uid = Nickname;
#else
using Uid = custody::Public<std::string>;
#endif

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  Uid uid;
  Nickname question;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
