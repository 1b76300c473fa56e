#include "expr/lexer.h"

#include <algorithm>
#include <array>

namespace harmonia::expr {
namespace {

constexpr std::array<std::string_view, 17> reserved_words = {
    "as",  "break", "const",     "continue", "else",   "for", "function", "if",   "import",
    "let", "loop",  "namespace", "package",  "return", "var", "void",     "while"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool starts_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_word(char c) { return starts_word(c) || is_digit(c); }

bool is_quoted_name_char(char c) {
  return continues_word(c) || c == '.' || c == '-' || c == '/' || c == ' ';
}

}  // namespace

Token Lexer::take(TokenKind kind, std::size_t length) {
  Token token{kind, {offset_, length}, source_.substr(offset_, length), {}};
  offset_ += length;
  return token;
}

Token Lexer::failure(std::size_t length, std::string_view problem) {
  Token token = take(TokenKind::error, std::min(length, source_.size() - offset_));
  token.problem = problem;
  return token;
}

void Lexer::skip_blanks() {
  while (offset_ < source_.size()) {
    char c = source_[offset_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
      ++offset_;
    } else if (c == '/' && at(offset_ + 1) == '/') {
      std::size_t line_end = source_.find('\n', offset_);
      offset_ = line_end == std::string_view::npos ? source_.size() : line_end + 1;
    } else {
      return;
    }
  }
}

Token Lexer::next() {
  skip_blanks();
  if (offset_ >= source_.size()) return take(TokenKind::end, 0);
  char c = source_[offset_];
  std::size_t prefix = 0;
  bool raw = false;
  bool bytes = false;
  if (at_string_prefix(prefix, raw, bytes)) return string_literal(prefix, raw, bytes);
  if (starts_word(c)) return word();
  if (is_digit(c) || (c == '.' && is_digit(at(offset_ + 1)))) return number();
  if (c == '`') return quoted_identifier();
  return punctuation();
}

Token Lexer::word() {
  std::size_t end = offset_;
  while (continues_word(at(end))) ++end;
  Token token = take(TokenKind::identifier, end - offset_);
  if (token.text == "true") token.kind = TokenKind::true_word;
  if (token.text == "false") token.kind = TokenKind::false_word;
  if (token.text == "null") token.kind = TokenKind::null_word;
  if (token.text == "in") token.kind = TokenKind::in_word;
  if (std::find(reserved_words.begin(), reserved_words.end(), token.text) != reserved_words.end()) {
    token.kind = TokenKind::reserved;
  }
  return token;
}

Token Lexer::quoted_identifier() {
  std::size_t end = offset_ + 1;
  while (is_quoted_name_char(at(end))) ++end;
  if (at(end) != '`' || end == offset_ + 1) {
    return failure(end - offset_,
                   "a quoted name must end with ` and hold only letters, digits, _ . - / "
                   "and spaces; use [\"...\"] for other names");
  }
  Token token = take(TokenKind::quoted_identifier, end + 1 - offset_);
  token.text = token.text.substr(1, token.text.size() - 2);
  return token;
}

Token Lexer::number() {
  std::size_t end = offset_;
  auto kind = TokenKind::int_number;
  if (at(end) == '0' && (at(end + 1) == 'x' || at(end + 1) == 'X') && is_hex(at(end + 2))) {
    end += 2;
    while (is_hex(at(end))) ++end;
  } else {
    while (is_digit(at(end))) ++end;
    if (at(end) == '.' && is_digit(at(end + 1))) {
      kind = TokenKind::double_number;
      ++end;
      while (is_digit(at(end))) ++end;
    }
    std::size_t exponent = end + 1;
    if (at(exponent) == '+' || at(exponent) == '-') ++exponent;
    if ((at(end) == 'e' || at(end) == 'E') && is_digit(at(exponent))) {
      kind = TokenKind::double_number;
      end = exponent;
      while (is_digit(at(end))) ++end;
    }
  }
  if (kind == TokenKind::int_number && (at(end) == 'u' || at(end) == 'U')) {
    kind = TokenKind::uint_number;
    ++end;
  }
  if (continues_word(at(end))) {
    return failure(end + 1 - offset_,
                   "a number is followed by a letter or digit that can't belong to it");
  }
  return take(kind, end - offset_);
}

bool Lexer::at_string_prefix(std::size_t& prefix, bool& raw, bool& bytes) const {
  std::size_t index = offset_;
  if (at(index) == 'b' || at(index) == 'B') {
    bytes = true;
    ++index;
  }
  if (at(index) == 'r' || at(index) == 'R') {
    raw = true;
    ++index;
  }
  prefix = index - offset_;
  return at(index) == '"' || at(index) == '\'';
}

Token Lexer::string_literal(std::size_t prefix, bool raw, bool bytes) {
  std::size_t index = offset_ + prefix;
  char quote = source_[index];
  bool triple = at(index + 1) == quote && at(index + 2) == quote;
  index += triple ? 3 : 1;
  for (; index < source_.size(); ++index) {
    char c = source_[index];
    if (c == '\\' && !raw) {
      ++index;
    } else if (!triple && (c == '\n' || c == '\r')) {
      return failure(index - offset_,
                     "a string ends at the end of its line; write \\n or use three quotes");
    } else if (c == quote && (!triple || (at(index + 1) == quote && at(index + 2) == quote))) {
      std::size_t end = index + (triple ? 3 : 1);
      return take(bytes ? TokenKind::bytes : TokenKind::string, end - offset_);
    }
  }
  return failure(source_.size() - offset_, "a string has no closing quote");
}

Token Lexer::punctuation() {
  char second = at(offset_ + 1);
  switch (source_[offset_]) {
    case '.': return take(TokenKind::dot, 1);
    case ',': return take(TokenKind::comma, 1);
    case ':': return take(TokenKind::colon, 1);
    case '?': return take(TokenKind::question, 1);
    case '(': return take(TokenKind::left_paren, 1);
    case ')': return take(TokenKind::right_paren, 1);
    case '[': return take(TokenKind::left_bracket, 1);
    case ']': return take(TokenKind::right_bracket, 1);
    case '{': return take(TokenKind::left_brace, 1);
    case '}': return take(TokenKind::right_brace, 1);
    case '+': return take(TokenKind::plus, 1);
    case '-': return take(TokenKind::minus, 1);
    case '*': return take(TokenKind::star, 1);
    case '/': return take(TokenKind::slash, 1);
    case '%': return take(TokenKind::percent, 1);
    case '!': return second == '=' ? take(TokenKind::not_equal, 2) : take(TokenKind::not_sign, 1);
    case '<': return second == '=' ? take(TokenKind::less_equal, 2) : take(TokenKind::less, 1);
    case '>':
      return second == '=' ? take(TokenKind::greater_equal, 2) : take(TokenKind::greater, 1);
    case '=':
      if (second == '=') return take(TokenKind::equal, 2);
      return failure(1, "'=' is not an operator; equality is '=='");
    case '&':
      if (second == '&') return take(TokenKind::logical_and, 2);
      return failure(1, "'&' is not an operator; 'and' is '&&'");
    case '|':
      if (second == '|') return take(TokenKind::logical_or, 2);
      return failure(1, "'|' is not an operator; 'or' is '||'");
    default: return failure(1, "this character has no meaning here");
  }
}

}  // namespace harmonia::expr
