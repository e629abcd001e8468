// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P7]: data is released into something that is no declared sink for it
// REFUSES-FIRST: custody[P7]
// REFUSES-SHORT
// A stream comes in parts: a sink for whole texts is not one for it.
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
struct Printer : custody::Sink<MessageDelivery, "printer", custody::Level::grade4> {
  void operator()(std::string_view) const {}
};

auto print(const Letter& letter, custody::StreamSource& source, const custody::Permit<MessageDelivery>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::open_stream(letter.file, source).release(permit, Printer{});
#else
  return custody::open_stream(letter.file, source).release(permit, Download{});
#endif
}
