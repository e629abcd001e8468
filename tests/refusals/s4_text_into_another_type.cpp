// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S4]
// REFUSES: Fix: read it into the declared member
// REFUSES-FIRST: custody[S4]
#include "demo.hpp"

using Wider = custody::Personal<std::string, AccountService, PersonalisedPush>;

custody::Result<void> load(Account& account, [[maybe_unused]] Wider& wider, const custody::Binding& place,
                           std::string_view column) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return custody::at_rest::from_text<&Account::nickname>(place, column, wider);
  // end: broken
#else
  // snippet: fixed
  return custody::at_rest::from_text<&Account::nickname>(place, column, account.nickname);
  // end: fixed
#endif
}
