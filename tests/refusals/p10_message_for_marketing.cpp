// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P10]
// REFUSES: Fix: drop the purpose
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
using Body = custody::Personal<std::string, MessageDelivery, PersonalisedPush>;
// end: broken
#else
// snippet: fixed
using Body = custody::Personal<std::string, MessageDelivery>;
// end: fixed
#endif

struct Message : custody::Retained<custody::keep_for<custody::calendar_days(30)>> {
  custody::Public<std::string> sender;
  custody::Classified<Body, custody::Level::grade4> body;
  using custody_fields = custody::Fields<custody::record<"message", 2>, custody::owner<&Message::sender>,
                                         custody::field<1, "body", &Message::body, custody::Category::message_body>>;
};

bool open(Ring& ring, const custody::Subject& sender) { return ring.binding<Message>("m1", sender).has_value(); }
