// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace custody::inline v0 {

/// What is wrong between a committed lock and the types of today.
enum class LockFault : std::uint8_t {
  malformed,            ///< the file cannot be read: not a lock, a broken line, the same line twice
  other_product,        ///< the product's id changed: no envelope would open
  changed_basis,        ///< a purpose rests on another basis than people were told
  changed_name,
  changed_number,
  changed_codec,        ///< the bytes inside the envelopes would be read as something else
  changed_declaration,  ///< level, sensitivity or purposes
  changed_verifier,     ///< a password became a value that can be read, or the other way round
  removed,              ///< a field, record, purpose or revision is gone
  reused,               ///< something that was retired came back
};

/// One fault: what it is about, as `field 1.2`, and the kind of fault.
struct LockFinding {
  LockFault fault = LockFault::malformed;
  std::string about;
};

/// The outcome of check_lock. `ok`: the lock may be updated. `up_to_date`: it need not be.
struct LockReport {
  bool ok = true;
  bool up_to_date = true;
  std::vector<LockFinding> findings;   ///< faults; none when ok
  std::vector<std::string> additions;  ///< new fields, records, purposes, revisions
  std::vector<std::string> changes;  ///< what is not bound: category, retention, index; the privacy notice changes too
};

/// What a fault means and how to mend it, in one sentence.
[[nodiscard]] constexpr const char* text(LockFault fault) noexcept {
  switch (fault) {
    case LockFault::malformed: return "the lock cannot be read. Fix: restore the committed file";
    case LockFault::other_product:
      return "the product's id changed, so no envelope opens any more. Fix: restore the id";
    case LockFault::changed_basis: return "the lawful basis changed. Fix: declare a new purpose with an id of its own";
    case LockFault::changed_name:
      return "the name changed. Fix: add custody::formerly<\"old name\", OldType> to the field, or restore the name";
    case LockFault::changed_number:
      return "the number changed. Fix: restore the number, it is bound into every envelope";
    case LockFault::changed_codec:
      return "the encoding changed. Fix: add custody::formerly<\"name\", OldType> to the field";
    case LockFault::changed_declaration:
      return "level, sensitivity or purposes changed. Fix: add custody::formerly<\"name\", OldType> to the field";
    case LockFault::changed_verifier:
      return "a password became a readable value or the reverse. Fix: declare a new field with a number of its own";
    case LockFault::removed:
      return "it is gone from the types. Fix: restore it, or retire it by `removed ` in front of its line in the lock";
    case LockFault::reused: return "it was retired and came back. Fix: take a number or id that was never used";
  }
  return "unknown fault";
}

namespace detail {

inline constexpr std::string_view lock_head = "custody.lock 1";

/// One line of a lock: `[removed] <word> <key> <rest>`.
struct LockLine {
  bool removed = false;
  std::string_view word;
  std::string_view key;
  std::string_view rest;

  [[nodiscard]] std::string about() const { return std::string(word) + " " + std::string(key); }
  [[nodiscard]] bool same_place(const LockLine& other) const noexcept { return word == other.word && key == other.key; }
};

[[nodiscard]] inline std::string_view next_word(std::string_view& text) noexcept {
  const std::size_t end = text.find(' ');
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

[[nodiscard]] inline std::string_view next_line(std::string_view& text) noexcept {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);  // as a checkout may leave it
  return line;
}

/// A lock that was read. `bad` is the number of the first line that cannot be, 0 when all can.
struct LockText {
  std::vector<LockLine> lines;
  std::size_t bad = 0;

  [[nodiscard]] const LockLine* find(std::string_view word, std::string_view key) const noexcept {
    for (const LockLine& line : lines) {
      if (line.word == word && line.key == key) return &line;
    }
    return nullptr;
  }
};

[[nodiscard]] inline bool read_lock_line(std::string_view text, LockLine& line) noexcept {
  line.word = next_word(text);
  if (line.word == "removed") {
    line.removed = true;
    line.word = next_word(text);
  }
  line.key = next_word(text);
  line.rest = text;
  if (line.word == "revision") line.removed = false;  // a revision goes with its field, never alone
  if (line.key.empty()) return false;
  if (line.word == "product") return line.rest.empty() && !line.removed;
  const bool known = line.word == "purpose" || line.word == "record" || line.word == "field" || line.word == "revision";
  return known && !line.rest.empty();
}

[[nodiscard]] inline LockText read_lock(std::string_view text) {
  LockText made;
  std::size_t number = 1;
  if (next_line(text) != lock_head) {
    made.bad = number;
    return made;
  }
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    ++number;
    if (line.empty() || line.front() == '#') continue;
    LockLine read;
    if (!read_lock_line(line, read) || made.find(read.word, read.key) != nullptr) {
      made.bad = number;
      return made;
    }
    made.lines.push_back(read);
  }
  if (made.lines.empty() || made.lines.front().word != "product") made.bad = number;
  return made;
}

/// Compares two locks, line by line.
class LockComparison {
 public:
  LockComparison(std::string_view committed, std::string_view now)
      : then_(read_lock(committed)), now_(read_lock(now)) {}

  [[nodiscard]] LockReport run() {
    if (then_.bad != 0 || now_.bad != 0) {
      fault(LockFault::malformed, "line " + std::to_string(then_.bad != 0 ? then_.bad : now_.bad));
      return std::move(report_);
    }
    if (then_.lines.front().key != now_.lines.front().key) fault(LockFault::other_product, "product");
    for (const LockLine& line : then_.lines) compare(line);
    for (const LockLine& line : now_.lines) {
      if (line.word == "product" || then_.find(line.word, line.key) != nullptr) continue;
      if (!is_moved(line)) report_.additions.push_back(line.about() + " " + std::string(line.rest));
    }
    report_.up_to_date = report_.ok && report_.additions.empty() && report_.changes.empty();
    return std::move(report_);
  }

 private:
  void fault(LockFault kind, std::string about) {
    report_.ok = false;
    report_.up_to_date = false;
    report_.findings.push_back({kind, std::move(about)});
  }

  void compare(const LockLine& then) {
    if (then.word == "product" || (then.word != "record" && parent_is_gone(then))) return;
    const LockLine* now = now_.find(then.word, then.key);
    if (then.removed) {
      if (now != nullptr) fault(LockFault::reused, then.about());
      return;
    }
    if (now == nullptr) {
      fault(moved_to(then) != nullptr ? LockFault::changed_number : LockFault::removed, named(then));
      return;
    }
    if (now->rest != then.rest) differs(then, *now);
  }

  void differs(const LockLine& then, const LockLine& now) {
    if (then.word == "purpose") fault(LockFault::changed_basis, then.about());
    if (then.word == "record") fault(LockFault::changed_name, named(then));
    if (then.word == "field") {
      report_.changes.push_back(now.about() + " " + std::string(now.rest));
      if (last_word(then.rest) != last_word(now.rest)) fault(LockFault::changed_verifier, named(then));
    }
    if (then.word == "revision") revision_differs(then, now);
  }

  /// Envelopes of a locked revision exist: nothing of it may differ.
  void revision_differs(const LockLine& then, const LockLine& now) {
    std::string_view before = then.rest;
    std::string_view after = now.rest;
    if (next_word(before) != next_word(after)) fault(LockFault::changed_name, named(then));
    if (next_word(before) != next_word(after)) fault(LockFault::changed_codec, named(then));
    if (before != after) fault(LockFault::changed_declaration, named(then));
  }

  /// Fields of a record, and revisions of a field, that went as a whole are one finding.
  [[nodiscard]] bool parent_is_gone(const LockLine& line) const noexcept {
    if (line.word == "purpose") return false;
    const std::string_view field = line.key.substr(0, line.key.find('/'));
    const bool record_gone = is_gone("record", field.substr(0, field.find('.')));
    return record_gone || (line.word == "revision" && is_gone("field", field));
  }
  [[nodiscard]] bool is_gone(std::string_view word, std::string_view key) const noexcept {
    const LockLine* then = then_.find(word, key);
    return now_.find(word, key) == nullptr || (then != nullptr && then->removed);
  }

  /// Where a field or record of the same name stands now, under a number that the lock does not know.
  [[nodiscard]] const LockLine* moved_to(const LockLine& then) const noexcept {
    if (then.word != "field" && then.word != "record") return nullptr;
    for (const LockLine& now : now_.lines) {
      if (now.word == then.word && then_.find(now.word, now.key) == nullptr && name(now) == name(then) &&
          (now.word == "record" || now.key.substr(0, now.key.find('.')) == then.key.substr(0, then.key.find('.')))) {
        return &now;
      }
    }
    return nullptr;
  }
  [[nodiscard]] bool is_moved(const LockLine& now) const noexcept {
    for (const LockLine& then : then_.lines) {
      if (!then.removed && now_.find(then.word, then.key) == nullptr && moved_to(then) == &now) return true;
    }
    return false;
  }

  [[nodiscard]] static std::string_view last_word(std::string_view text) noexcept {
    return text.substr(text.rfind(' ') + 1);
  }
  [[nodiscard]] static std::string_view name(const LockLine& line) noexcept {
    std::string_view rest = line.rest;
    return next_word(rest);
  }
  [[nodiscard]] static std::string named(const LockLine& line) {
    return line.about() + " (" + std::string(name(line)) + ")";
  }

  LockText then_;
  LockText now_;
  LockReport report_;
};

}  // namespace detail

/// Compares a committed lock with the text of today's types. Adding is fine, though the lock then has to be updated; a
/// changed name, number, encoding or declaration of anything that was locked is a fault unless the locked form became a
/// formerly<...>; so is what went without being retired, and what was retired and came back.
[[nodiscard]] inline LockReport check_lock(std::string_view committed, std::string_view now) {
  return detail::LockComparison(committed, now).run();
}

/// The lock to commit after an allowed change: today's text and what was retired before. Empty when check_lock says no.
[[nodiscard]] inline std::string updated_lock(std::string_view committed, std::string_view now) {
  if (!check_lock(committed, now).ok) return {};
  std::string out(now);
  for (const detail::LockLine& line : detail::read_lock(committed).lines) {
    if (line.removed) out += "removed " + line.about() + " " + std::string(line.rest) + "\n";
  }
  return out;
}

}  // namespace custody::inline v0
