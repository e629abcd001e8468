// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace chat {

/// One line on a terminal that shows how far a stage is; silent when the error stream is no terminal.
class Progress {
 public:
  /// `total` 0: not known, only the count is shown.
  Progress(std::string_view stage, std::uint64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();
  void step();

 private:
  void draw() const;
  std::string_view stage_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  bool shown_;
};

}  // namespace chat
