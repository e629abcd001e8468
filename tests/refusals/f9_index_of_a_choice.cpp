// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F9]: an index over a yes-or-no or a short list tells how often each value occurs
// REFUSES: Fix: drop the index, or index one text that joins it with other values
#include <optional>

#include "demo.hpp"

enum class Gender : unsigned char { unknown, female, male };

struct Ticket : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  custody::Personal<std::optional<Gender>, AccountService> urgent;
  using custody_fields = custody::Fields<custody::record<"ticket", 4>, custody::owner<&Ticket::uid>,
#ifdef CUSTODY_REFUSED
                                         custody::field<1, "urgent", &Ticket::urgent, custody::Category::support_ticket,
                                                        custody::indexed<custody::exact>>>;
#else
                                         custody::field<1, "urgent", &Ticket::urgent,
                                                        custody::Category::support_ticket>>;
#endif
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Ticket>("t1", subject).has_value(); }
