// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L5]
// REFUSES: Fix: wrap it in Classified<
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
using Number = custody::Personal<std::string, RealNameVerify>;
// end: broken
#else
// snippet: fixed
using Number = custody::Classified<custody::Personal<std::string, RealNameVerify>, custody::Level::grade4>;
// end: fixed
#endif

struct Check : custody::Retained<custody::until_checked> {
  custody::Public<std::string> uid;
  Number number;
  using custody_fields = custody::Fields<custody::record<"check", 3>, custody::owner<&Check::uid>,
                                         custody::field<1, "number", &Check::number, custody::Category::id_number>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Check>("c1", subject).has_value(); }
