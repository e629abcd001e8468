// SPDX-License-Identifier: Apache-2.0
// A contract does not make training a model a part of delivery.
// REFUSES: custody[P10]
// REFUSES: Fix: drop the purpose
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Other final : custody::Purpose<"training.assistant", custody::Basis::contract> {};
#else
struct Other final : custody::Purpose<"security.spam", custody::Basis::contract> {};
#endif

struct Message : custody::Retained<custody::keep_for<custody::calendar_days(30)>> {
  custody::Public<std::string> sender;
  custody::Classified<custody::Personal<std::string, MessageDelivery, Other>, custody::Level::grade4> body;
  using custody_fields = custody::Fields<custody::record<"message", 2>, custody::owner<&Message::sender>,
                                         custody::field<1, "body", &Message::body, custody::Category::message_body>>;
};

bool open(Ring& ring, const custody::Subject& sender) { return ring.binding<Message>("m1", sender).has_value(); }
