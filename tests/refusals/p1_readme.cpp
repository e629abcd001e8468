// REFUSES: custody[P1]
// REFUSES-FIRST: custody[P1]: data is used for a purpose its declaration does not list (PIPL Art. 6).
// REFUSES: Fix: declare the purpose on the field and in the notice, or do not use it.
#include <custody/sealing.hpp>

#include <cstdio>

// snippet: readme
struct MessageDelivery final : custody::Purpose<"message.delivery", custody::Basis::contract> {};
struct PersonalisedPush final : custody::Purpose<"push.personalised", custody::Basis::consent> {};

struct User {
  std::string nickname;
  custody::Personal<std::string, MessageDelivery> phone;  // whom it may serve, in its type
};

void register_user(User& user, std::string request_phone) {
  user.phone = std::move(request_phone);  // sealed at once; the string is wiped
}

void deliver(const User& user, const custody::Permit<MessageDelivery>& permit) {
  auto gateway = custody::sink<MessageDelivery, "sms-gateway">([](std::string_view) { /* send it */ });
  if (auto sent = user.phone.release(permit, gateway); !sent) std::puts(custody::text(sent.error().code));
}

// end: readme
#ifdef CUSTODY_REFUSED
// snippet: refused
void advertise(const User& user, const custody::Permit<PersonalisedPush>& permit) {
  auto gateway = custody::sink<PersonalisedPush, "ad-gateway">([](std::string_view) {});
  auto sent = user.phone.release(permit, gateway);  // does not compile: nobody agreed to that
}
// end: refused
#endif
