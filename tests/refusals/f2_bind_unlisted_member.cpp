// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F2]: this member is no guarded field of its record
// REFUSES: Fix: list it in custody_fields as field<number
#include "demo.hpp"

struct TwoAnswers {};
struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname question;
  Nickname answer;
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>, custody::unchecked_layout<TwoAnswers>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

custody::Result<void> store(Ticket& ticket, const custody::Binding& place) {
#ifdef CUSTODY_REFUSED
  return custody::bind<&Ticket::answer>(place, ticket.answer);
#else
  return custody::bind<&Ticket::question>(place, ticket.question);
#endif
}
