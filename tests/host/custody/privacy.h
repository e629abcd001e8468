// SPDX-License-Identifier: Apache-2.0
// privacy.h - what we use personal data for, and the words to declare it with; for model headers
#ifndef HOST_PRIVACY_H
#define HOST_PRIVACY_H

#include "platform.h"

#pragma push_macro("slots")    // until crypto/secret.hpp no longer has a variable of that name
#undef slots
#include <custody/crypto/normalise.hpp>
#include <custody/data/declare.hpp>
#include <custody/data/incoming.hpp>
#include <custody/data/personal.hpp>
#include <custody/law/calendar.hpp>
#include <custody/law/product.hpp>
#pragma pop_macro("slots")

// ---- what we use personal data for ----
struct HOST_API AccountService final : custody::Purpose<"account.service", custody::Basis::contract, custody::core> {};
struct HOST_API FriendProfile final : custody::Purpose<"profile.friends", custody::Basis::contract> {};
struct HOST_API RealNameVerify final : custody::Purpose<"real_name.verify", custody::Basis::legal_duty> {};
struct HOST_API Operations final : custody::Purpose<"operations.monitor", custody::Basis::legal_duty> {};
typedef custody::Product<"host-im", custody::Region::CN, AccountService, FriendProfile, RealNameVerify, Operations> HostProduct;

struct MembersNotPorted;    // why User is not counted: it has plain members and a constructor

// Keys in a file beside the database, their root in another, the evidence in a third.
HOST_API Bool open_privacy(const string& db_path);
HOST_API void close_privacy();
HOST_API void log_refused(const char* what, const custody::Error& why);

// The text of a sealed value inside our json: raw control characters mark it, which json_escape never lets through, so
// that no client can send one. Opened by deliver(), shown as [sealed] by redact().
HOST_API string sealed_text(int scope, const char* name, const string& row, const string& envelope);
HOST_API string redact(const string& text);
HOST_API void deliver(int fd, const string& text);

// his key goes, and with it every copy of what was sealed for him: rows, queued packets, backups
HOST_API void forget_person(const string& account);

#endif
