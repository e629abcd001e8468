// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P1]: data is used for a purpose its declaration does not list
// REFUSES: Fix: declare the purpose on the field and in the notice, or do not use it
// REFUSES-FIRST: custody[P1]
// REFUSES-SHORT
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

auto download(const Letter& letter, custody::StreamSource& source, const custody::Permit<AccountService>& service,
              const custody::Permit<MessageDelivery>& delivery) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(delivery);
  return custody::open_stream(letter.file, source).release(service, Download{});
#else
  static_cast<void>(service);
  return custody::open_stream(letter.file, source).release(delivery, Download{});
#endif
}
