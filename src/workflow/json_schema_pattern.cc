#include "workflow/json_schema_pattern.h"

#include <array>
#include <utility>

#include "base/utf8.h"

namespace harmonia::workflow::schema {
namespace {

constexpr std::int64_t program_memory_max = 4 << 20;
constexpr std::string_view white_space =
    R"(\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";

// The general categories by their long names (Unicode's PropertyValueAliases), which RE2 knows by
// the short ones.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> property_names = {{
    {"Letter", "L"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Mark", "M"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Symbol", "S"},
    {"Separator", "Z"},
    {"Other", "C"},
    {"Control", "Cc"},
}};

class Translator {
 public:
  explicit Translator(std::string_view source) : rest_(source) {}

  std::string run() {
    while (!rest_.empty()) step();
    return std::move(out_);
  }

 private:
  void step() {
    if (rest_.starts_with('\\') && rest_.size() > 1) return escape();
    if (!in_class_ && rest_.starts_with("(?<") && rest_.size() > 3 && rest_[3] != '=' &&
        rest_[3] != '!') {
      out_ += "(?P<";
      rest_.remove_prefix(3);
      return;
    }
    if (rest_[0] == '[' && in_class_)
      out_ += '\\';  // no nesting in ECMA-262; RE2 reads [: as a class name
    if (rest_[0] == '[') in_class_ = true;
    if (rest_[0] == ']') in_class_ = false;
    copy(1);
  }

  void escape() {
    switch (rest_[1]) {
      case 'u': return unicode_escape();
      case 'c': return control_escape();
      case 'p':
      case 'P': return property_escape();
      case 's':
        return in_class_ ? emit(white_space, 2) : emit("[" + std::string(white_space) + "]", 2);
      case 'S':
        if (in_class_) return copy(2);
        return emit("[^" + std::string(white_space) + "]", 2);
      default: return copy(2);
    }
  }

  void unicode_escape() {
    std::string_view digits = rest_.substr(2, 4);
    bool all_hex = digits.size() == 4 &&
                   digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    if (all_hex) return emit("\\x{" + std::string(digits) + "}", 6);
    std::size_t end = rest_.find('}');
    if (rest_.substr(2).starts_with('{') && end != std::string_view::npos) {
      return emit("\\x" + std::string(rest_.substr(2, end - 1)), end + 1);
    }
    copy(2);
  }

  void control_escape() {
    char letter = rest_.size() > 2 ? rest_[2] : '\0';
    bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    if (!is_letter) return copy(2);
    emit("\\x{" + std::string(1, "01"[(letter & 0x1f) >> 4]) + "0123456789abcdef"[letter & 0xf] +
             "}",
         3);
  }

  void property_escape() {
    std::size_t end = rest_.find('}');
    if (rest_.size() < 3 || rest_[2] != '{' || end == std::string_view::npos) return copy(2);
    std::string_view name = rest_.substr(3, end - 3);
    for (std::string_view prefix : {"General_Category=", "gc=", "Script=", "sc="}) {
      if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    }
    for (const auto& [long_name, short_name] : property_names) {
      if (name == long_name) name = short_name;
    }
    emit(std::string(rest_.substr(0, 3)) + std::string(name) + "}", end + 1);
  }

  void copy(std::size_t count) { emit(rest_.substr(0, count), count); }
  void emit(std::string_view text, std::size_t consumed) {
    out_ += text;
    rest_.remove_prefix(consumed);
  }

  std::string_view rest_;
  std::string out_;
  bool in_class_ = false;
};

}  // namespace

Result<Pattern> compile_pattern(std::string_view source) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(program_memory_max);
  auto program = std::make_unique<const re2::RE2>(Translator(source).run(), options);
  if (!program->ok()) {
    return make_error(error_code::schema, "the pattern '" + utf8_prefix(source, 200) +
                                              "' is not usable: " + program->error());
  }
  return Pattern{.source = std::string(source), .program = std::move(program)};
}

bool matches(const Pattern& pattern, std::string_view text) {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern.program);
}

}  // namespace harmonia::workflow::schema
