// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F1]
// REFUSES: or list it as migrating
#include <optional>

#include "demo.hpp"

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
#ifdef CUSTODY_REFUSED
  std::optional<Nickname> question;
#else
  custody::Personal<std::optional<std::string>, AccountService> question;
#endif
  using custody_fields =
      custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
                      custody::field<1, "question", &Ticket::question, custody::Category::support_ticket>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
