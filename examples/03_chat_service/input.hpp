// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model.hpp"

namespace chat {

/// One person's line of the people file. The personal values are sealed already; what stays plain is what the person
/// answered, and what the person types to sign in.
struct Applicant {
  std::size_t line = 0;
  Person person;
  custody::AgeBand age = custody::AgeBand::unknown;
  std::string guardian;  ///< the guardian's uid; empty when none is named
  std::string typed_phone;
  std::size_t values = 0;  ///< personal values given
  bool push = false;       ///< the answers to the questions of the notice
  bool improve = false;
  bool marketing = false;
  std::vector<std::string> objections;  ///< purposes objected to, by the product's ids
};

/// One line of the messages file; the text is sealed already.
struct TextLine {
  std::size_t line = 0;
  decltype(Message::body) body;
};

using OnBadLine = std::function<void(std::size_t line, std::string_view reason)>;

/// Reads a people file (one JSON object a line) line by line. A line that cannot be used is told and passed over.
/// False when the file cannot be opened.
[[nodiscard]] bool read_people(const std::string& path, const std::function<void(Applicant&)>& on_person,
                               const OnBadLine& on_bad_line);

/// Reads a messages file (`sender_id <tab> timestamp <tab> text`, a header line first) in the same manner.
[[nodiscard]] bool read_messages(const std::string& path, const std::function<void(TextLine&)>& on_text,
                                 const OnBadLine& on_bad_line);

}  // namespace chat
