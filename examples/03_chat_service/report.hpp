// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "service.hpp"

namespace chat {

/// The table of sums, for a terminal.
void print_table(const Service& service);

/// The report: one HTML page that loads nothing and holds no personal data.
[[nodiscard]] std::string report_page(const Service& service);

/// Whether everything is accounted for, something was refused, and the log is intact. Prints what is not.
[[nodiscard]] bool convincing(const Service& service);

}  // namespace chat
