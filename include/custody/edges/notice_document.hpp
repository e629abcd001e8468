// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace custody::inline v0::detail {

/// A part of a document: exactly one of a heading, a paragraph, a list or a table, whose first row is its head.
struct Block {
  enum class Kind : std::uint8_t { title, heading, paragraph, list, table };
  Kind kind = Kind::paragraph;
  std::string text;
  std::vector<std::vector<std::string>> rows;  ///< items of a list: one cell each
};

/// A notice before it is Markdown or HTML. Texts are plain; each writer escapes them.
class Document {
 public:
  void title(std::string text) { blocks_.push_back({Block::Kind::title, std::move(text), {}}); }
  void heading(std::string text) { blocks_.push_back({Block::Kind::heading, std::move(text), {}}); }
  void say(std::string text) { blocks_.push_back({Block::Kind::paragraph, std::move(text), {}}); }
  void list(const std::vector<std::string>& items) {
    if (items.empty()) return;
    Block block{Block::Kind::list, {}, {}};
    for (const std::string& item : items) block.rows.push_back({item});
    blocks_.push_back(std::move(block));
  }
  void table(std::vector<std::vector<std::string>> rows) {
    blocks_.push_back({Block::Kind::table, {}, std::move(rows)});
  }
  [[nodiscard]] const std::vector<Block>& blocks() const noexcept { return blocks_; }

 private:
  std::vector<Block> blocks_;
};

/// A text as one Markdown line: what would start markup or another cell is escaped.
[[nodiscard]] inline std::string markdown_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      out += ' ';
      continue;
    }
    if (std::string_view("\\`*[]<>|#").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

[[nodiscard]] inline std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

inline void markdown_table(std::string& out, const Block& block) {
  for (std::size_t row = 0; row != block.rows.size(); ++row) {
    out += '|';
    for (const std::string& cell : block.rows[row]) out.append(" ").append(markdown_escaped(cell)).append(" |");
    out += '\n';
    if (row != 0) continue;
    out += '|';
    for (std::size_t i = 0; i != block.rows[0].size(); ++i) out += " --- |";
    out += '\n';
  }
}

[[nodiscard]] inline std::string to_markdown(const Document& document) {
  std::string out;
  for (const Block& block : document.blocks()) {
    if (!out.empty()) out += '\n';
    switch (block.kind) {
      case Block::Kind::title: out.append("# ").append(markdown_escaped(block.text)).append("\n"); break;
      case Block::Kind::heading: out.append("## ").append(markdown_escaped(block.text)).append("\n"); break;
      case Block::Kind::paragraph: out.append(markdown_escaped(block.text)).append("\n"); break;
      case Block::Kind::list:
        for (const auto& row : block.rows) out.append("- ").append(markdown_escaped(row[0])).append("\n");
        break;
      case Block::Kind::table: markdown_table(out, block); break;
    }
  }
  return out;
}

inline void html_element(std::string& out, const char* name, std::string_view text) {
  out.append("<").append(name).append(">").append(html_escaped(text)).append("</").append(name).append(">\n");
}

inline void html_table(std::string& out, const Block& block) {
  out += "<table>\n";
  for (std::size_t row = 0; row != block.rows.size(); ++row) {
    out += "<tr>\n";
    for (const std::string& cell : block.rows[row]) html_element(out, row == 0 ? "th" : "td", cell);
    out += "</tr>\n";
  }
  out += "</table>\n";
}

/// A whole page without scripts, styles or anything loaded from elsewhere.
[[nodiscard]] inline std::string to_html(const Document& document, const char* language) {
  std::string out("<!DOCTYPE html>\n<html lang=\"");
  out.append(language).append("\">\n<head>\n<meta charset=\"utf-8\">\n");
  if (!document.blocks().empty()) html_element(out, "title", document.blocks().front().text);
  out += "</head>\n<body>\n";
  for (const Block& block : document.blocks()) {
    switch (block.kind) {
      case Block::Kind::title: html_element(out, "h1", block.text); break;
      case Block::Kind::heading: html_element(out, "h2", block.text); break;
      case Block::Kind::paragraph: html_element(out, "p", block.text); break;
      case Block::Kind::list:
        out += "<ul>\n";
        for (const auto& row : block.rows) html_element(out, "li", row[0]);
        out += "</ul>\n";
        break;
      case Block::Kind::table: html_table(out, block); break;
    }
  }
  return out + "</body>\n</html>\n";
}

}  // namespace custody::inline v0::detail
