// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P10]
// REFUSES: no staff purpose reads messages
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Support final : custody::Purpose<"customer.support", custody::Basis::contract> {};
#else
struct Support final : custody::Purpose<"security.abuse_report", custody::Basis::legal_duty> {};
#endif

struct Message : custody::Retained<custody::keep_for<custody::calendar_days(30)>> {
  custody::Public<std::string> sender;
  custody::Classified<custody::Personal<std::string, MessageDelivery, Support>, custody::Level::grade4> body;
  using custody_fields = custody::Fields<custody::record<"message", 2>, custody::owner<&Message::sender>,
                                         custody::field<1, "body", &Message::body, custody::Category::message_body>>;
};

bool open(Ring& ring, const custody::Subject& sender) { return ring.binding<Message>("m1", sender).has_value(); }
