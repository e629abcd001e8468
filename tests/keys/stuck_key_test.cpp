// SPDX-License-Identifier: Apache-2.0
#include <custody/keys/process_key.hpp>

#include <unistd.h>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using custody::detail::process_keys;
using custody::detail::ProcessKeys;

TEST_CASE("a stuck kernel ends in an error or in another process key, not in a search without end",
          "[process_key][fork]") {
  const int ended = test::in_child([] {
    ::alarm(10);
    test::randomness().mode = 3;
    const auto* const first = process_keys().current();  // a forked child makes its own
    if (first == nullptr) return 0;
    first->seals.store(ProcessKeys::seals_per_key);
    for (std::uint32_t i = 0; i <= ProcessKeys::batch; ++i) {
      const auto* const next = process_keys().current();
      if (next == nullptr) return 0;
      if (next != first) return next->number != first->number ? 0 : 1;
    }
    return 2;
  });
  CHECK(ended == 0);
}
