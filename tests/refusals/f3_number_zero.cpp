// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F3]
// REFUSES: or a number is 0
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
constexpr std::uint16_t question_number = 0;
#else
constexpr std::uint16_t question_number = 1;
#endif

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname question;
  using custody_fields = custody::Fields<
      custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
      custody::field<question_number, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
