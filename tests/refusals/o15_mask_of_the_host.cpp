// SPDX-License-Identifier: Apache-2.0
// A mask that the library does not know could hide nothing.
// REFUSES: custody[O15]
// REFUSES: or another custody::mask_ type
// REFUSES-FIRST: custody[O15]
#include <custody/data/display.hpp>

#include "demo.hpp"

struct NoMask {
  static constexpr const char* custody_name = "mask.none";
  static std::string apply(std::string_view text) { return std::string(text); }
};

auto line(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return custody::show<NoMask>(permit, account.phone);
  // end: broken
#else
  // snippet: fixed
  return custody::show<custody::mask_keep<0, 4>>(permit, account.phone);
  // end: fixed
#endif
}
