#pragma once

#include <cstdint>
#include <string_view>

#include "expr/expr.h"

// CEL's tokens (google/cel-spec, doc/langdef.md, "Syntax"). Also used to find the end of `${...}`
// in a text.
namespace harmonia::expr {

enum class TokenKind : std::uint8_t {
  end,
  error,
  identifier,
  reserved,  // a word kept for other languages: allowed as a member, or where a root has that name
  quoted_identifier,  // `content-type`, after a dot only
  int_number,
  uint_number,
  double_number,
  string,
  bytes,
  true_word,
  false_word,
  null_word,
  in_word,
  dot,
  comma,
  colon,
  question,
  left_paren,
  right_paren,
  left_bracket,
  right_bracket,
  left_brace,
  right_brace,
  plus,
  minus,
  star,
  slash,
  percent,
  not_sign,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  logical_and,
  logical_or,
};

struct Token {
  TokenKind kind = TokenKind::end;
  SourceRange range;
  std::string_view text;     // as in the source; without the ticks of a quoted identifier
  std::string_view problem;  // of an error: what is wrong
};

// Reads tokens front to back. The source must outlive it.
class Lexer {
 public:
  explicit Lexer(std::string_view source, std::size_t offset = 0)
      : source_(source), offset_(offset) {}

  // After the last token, `end` for ever; after an error its rest is undefined.
  Token next();

 private:
  void skip_blanks();
  char at(std::size_t index) const { return index < source_.size() ? source_[index] : '\0'; }
  Token take(TokenKind kind, std::size_t length);
  Token failure(std::size_t length, std::string_view problem);
  Token word();
  Token quoted_identifier();
  Token number();
  Token string_literal(std::size_t prefix, bool raw, bool bytes);
  bool at_string_prefix(std::size_t& prefix, bool& raw, bool& bytes) const;
  Token punctuation();

  std::string_view source_;
  std::size_t offset_;
};

}  // namespace harmonia::expr
