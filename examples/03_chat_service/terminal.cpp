// SPDX-License-Identifier: Apache-2.0
#include "terminal.hpp"

#include <cstdio>

#include <unistd.h>

namespace chat {

Progress::Progress(std::string_view stage, std::uint64_t total)
    : stage_(stage), total_(total), shown_(::isatty(STDERR_FILENO) == 1) {
  if (shown_) draw();
}

Progress::~Progress() {
  if (shown_) std::fprintf(stderr, "\r\x1b[K");
}

void Progress::step() {
  ++done_;
  if (shown_ && (done_ % 64 == 0 || done_ == total_)) draw();
}

void Progress::draw() const {
  constexpr int width = 30;
  const std::uint64_t part = done_ < total_ ? done_ : total_;
  const int filled = total_ == 0 ? 0 : static_cast<int>(part * width / total_);
  std::fprintf(stderr, "\r\x1b[K[%.*s%*s] %llu %.*s", filled, "##############################", width - filled, "",
               static_cast<unsigned long long>(done_), static_cast<int>(stage_.size()), stage_.data());
  std::fflush(stderr);
}

}  // namespace chat
