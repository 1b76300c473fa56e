#include <algorithm>
#include <array>

#include "workflow/export.h"
#include "workflow/yaml_scalar.h"

namespace harmonia::workflow {
namespace {

constexpr std::size_t flow_size_max = 72;    // of a list on one line
constexpr std::size_t short_key_max = 1000;  // YAML looks for the colon within 1024 characters

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Words that YAML 1.1 reads as booleans.
bool is_old_boolean(std::string_view text) {
  constexpr auto words = std::to_array<std::string_view>({"yes", "no", "on", "off"});
  std::string lower(text.substr(0, 4));
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text.size() <= 3 && std::find(words.begin(), words.end(), lower) != words.end();
}

// Only printable characters: others are escaped in quotes.
bool is_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return false;
    std::string_view rest = text.substr(i);
    // U+0080 to U+009F, U+2028, U+2029 and U+FEFF.
    bool is_control = byte == 0xc2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xa0;
    bool breaks = rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9");
    if (is_control || breaks || rest.starts_with("\xef\xbb\xbf")) return false;
  }
  return true;
}

bool is_plain(std::string_view text) {
  if (text.empty() || !(is_letter(text[0]) || text[0] == '/' || text[0] == '$')) return false;
  if (text.back() == ' ' || text.back() == ':' || !is_printable(text)) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos)
    return false;
  auto typed = type_plain_scalar(text);
  return typed && typed->is_string() && !is_old_boolean(text);
}

// Plain within [ ], too.
bool is_word(std::string_view text) {
  return is_plain(text) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '/';
         });
}

// A text of lines that a block scalar keeps: nothing at their ends that a reader or an editor might
// drop, and a first line that tells the indentation.
bool is_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text[0] == '\n' || text[0] == ' ') return false;
  if (text.ends_with("\n\n")) return false;  // readers differ on blank lines at the end
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (!line.empty() && line.back() == ' ') return false;
    if (!is_printable(line)) return false;
    begin = end + 1;
  }
  return true;
}

void append_escaped(std::string& out, unsigned code) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(code >> shift) & 0xf];
}

// JSON's quotes are YAML's, but for characters that YAML does not allow as they are.
std::string quoted(std::string_view text) {
  std::string json;
  append_quoted(json, text);
  std::string out;
  for (std::size_t i = 0; i < json.size(); ++i) {
    auto byte = static_cast<unsigned char>(json[i]);
    std::string_view rest = std::string_view(json).substr(i);
    if (byte == 0x7f) {
      append_escaped(out, byte);
    } else if (byte == 0xc2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xa0) {
      append_escaped(out, static_cast<unsigned char>(rest[1]));
      i += 1;
    } else if (rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9")) {
      append_escaped(out, 0x2000u | (static_cast<unsigned char>(rest[2]) & 0x3fu));
      i += 2;
    } else if (rest.starts_with("\xef\xbb\xbf")) {
      append_escaped(out, 0xfeff);
      i += 2;
    } else {
      out += json[i];
    }
  }
  return out;
}

class YamlWriter {
 public:
  std::string run(const Json& value) {
    bool is_nested = (value.is_object() && !value.get_object().empty()) ||
                     (value.is_array() && !value.get_array().empty());
    if (is_nested && !is_flow(value)) {
      nested(value, 0);
    } else {
      leaf(value, 0);
      out_ += '\n';
    }
    return std::move(out_);
  }

 private:
  void indent(std::size_t columns) { out_.append(columns, ' '); }

  // A list of words that fits on a line.
  static bool is_flow(const Json& value) {
    if (!value.is_array()) return false;
    std::size_t size = 2;
    for (const Json& item : value.get_array()) {
      if (!item.is_string() || !is_word(text_view(item.get_string()))) return false;
      size += item.get_string().size() + 2;
    }
    return size <= flow_size_max;
  }

  static bool is_leaf(const Json& value) {
    if (value.is_object()) return value.get_object().empty();
    if (value.is_array()) return value.get_array().empty() || is_flow(value);
    return true;
  }

  // Lines of members or items at this indentation; the first one continues the current line.
  void nested(const Json& value, std::size_t columns) {
    bool is_first = true;
    auto begin_line = [&] {
      if (!is_first) indent(columns);
      is_first = false;
    };
    if (value.is_object()) {
      for (const auto& member : value.get_object()) {
        begin_line();
        key(text_view(member.key()), columns);
        behind_key(member.value(), columns);
      }
    } else {
      for (const Json& item : value.get_array()) {
        begin_line();
        out_ += "- ";
        if (is_leaf(item)) {
          leaf(item, columns);
          end_line();
        } else {
          nested(item, columns + 2);
        }
      }
    }
  }

  // `? KEY` and a line of its own for the colon, where the key is too long.
  void key(std::string_view name, std::size_t columns) {
    std::string written = is_plain(name) ? std::string(name) : quoted(name);
    if (written.size() > short_key_max) {
      out_ += "? " + written + '\n';
      indent(columns);
    } else {
      out_ += written;
    }
    out_ += ':';
  }

  void behind_key(const Json& value, std::size_t columns) {
    if (is_leaf(value)) {
      out_ += ' ';
      leaf(value, columns);
      end_line();
      return;
    }
    out_ += '\n';
    indent(columns + 2);
    nested(value, columns + 2);
  }

  // A block scalar has ended its line itself.
  void end_line() {
    if (out_.back() != '\n') out_ += '\n';
  }

  void leaf(const Json& value, std::size_t columns) {
    if (value.is_object()) {
      out_ += "{}";
    } else if (value.is_array()) {
      out_ += '[';
      bool is_first = true;
      for (const Json& item : value.get_array()) {
        if (!is_first) out_ += ", ";
        is_first = false;
        out_ += text_view(item.get_string());
      }
      out_ += ']';
    } else if (value.is_string()) {
      text(text_view(value.get_string()), columns);
    } else {
      scalar(to_text(value));
    }
  }

  // YAML 1.1 takes 1e-07 for a text, 1.0e-07 for a number.
  void scalar(std::string written) {
    std::size_t exponent = written.find('e');
    bool is_number = written[0] == '-' || is_digit(written[0]);
    bool is_bare =
        is_number && exponent != std::string::npos && written.find('.') == std::string::npos;
    if (is_bare) written.insert(exponent, ".0");
    out_ += written;
  }

  void text(std::string_view text, std::size_t columns) {
    if (is_plain(text)) {
      out_ += text;
    } else if (is_block(text)) {
      block(text, columns + 2);
    } else {
      out_ += quoted(text);
    }
  }

  void block(std::string_view text, std::size_t columns) {
    out_ += text.ends_with('\n') ? "|\n" : "|-\n";
    std::size_t begin = 0;
    while (begin < text.size()) {
      std::size_t end = std::min(text.find('\n', begin), text.size());
      if (end > begin) indent(columns);
      out_ += text.substr(begin, end - begin);
      out_ += '\n';
      begin = end + 1;
    }
  }

  std::string out_;
};

}  // namespace

std::string to_yaml(const Json& value) { return YamlWriter().run(value); }

}  // namespace harmonia::workflow
