// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: data is released without a permit
// REFUSES: Fix: pass a custody::Permit<Purpose> first
// REFUSES-FIRST: custody[P6]
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

auto preview(const Letter& letter, custody::StreamSource& source, const custody::Permit<MessageDelivery>& permit) {
  const auto first = custody::open_stream(letter.file, source).range(0, 4096);
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return first.release(Download{});
#else
  return first.release(permit, Download{});
#endif
}
