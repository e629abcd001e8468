// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Fix: ask empty() or has_value(), or release(permit, sink)
#include "demo.hpp"

void send_sms(const std::string& number);

void greet(const Account& account) {
#ifdef CUSTODY_REFUSED
  send_sms(account.phone);
#else
  send_sms(account.uid);
#endif
}
