// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O10]: this payload type has no codec
// REFUSES: Fix: list its members in custody_codec
#include "demo.hpp"

struct Address {
  std::string city;
  std::string street;
#ifndef CUSTODY_REFUSED
  using custody_codec = custody::codec_members<1, &Address::city, &Address::street>;
#endif
};
custody::Personal<Address, AccountService> address;
