// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F2]: this member is no attachment of its record
// REFUSES: Fix: declare it as custody::Personal<custody::Attachment, Purpose...>
// REFUSES-FIRST: custody[F2]
#include <custody/data/attachment.hpp>

#include "demo.hpp"

struct Letter : custody::Retained<custody::keep_for<custody::calendar_days(180)>> {
  custody::Public<std::string> uid;
  custody::Classified<custody::Personal<custody::Attachment, MessageDelivery>, custody::Level::grade4> file;
  using custody_fields = custody::Fields<custody::record<"letter", 7>, custody::owner<&Letter::uid>,
                                         custody::field<1, "file", &Letter::file, custody::Category::attachment>>;
};
struct Download : custody::Sink<MessageDelivery, "download", custody::Level::grade4> {
  void operator()(std::span<const std::byte>) const {}
};

bool upload(const custody::Binding& place, custody::StreamTarget& target) {
#ifdef CUSTODY_REFUSED
  return custody::seal_stream<&Account::phone>(place, target).has_value();
#else
  return custody::seal_stream<&Letter::file>(place, target).has_value();
#endif
}
