#include "expr/template_scanner.h"

#include "expr/lexer.h"

namespace harmonia::expr {
namespace {

// The offset of the `}` that ends the expression starting at `offset`, or the error.
struct ExpressionEnd {
  std::size_t offset = 0;
  std::optional<CompileError> error = {};
};

ExpressionEnd find_end(std::string_view text, std::size_t offset) {
  Lexer lexer(text, offset);
  std::size_t open_braces = 0;
  while (true) {
    Token token = lexer.next();
    if (token.kind == TokenKind::left_brace) {
      ++open_braces;
    } else if (token.kind == TokenKind::right_brace) {
      if (open_braces == 0) return {token.range.offset};
      --open_braces;
    } else if (token.kind == TokenKind::end) {
      return {0, CompileError{"${ has no closing }",
                              "write $${ for the characters themselves",
                              {offset - 2, 2}}};
    } else if (token.kind == TokenKind::error) {
      return {0, CompileError{std::string(token.problem), {}, token.range}};
    }
  }
}

TextPart expression_part(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::string_view blanks = " \t\r\n\f";
  while (begin < end && blanks.find(text[begin]) != std::string_view::npos) ++begin;
  while (end > begin && blanks.find(text[end - 1]) != std::string_view::npos) --end;
  return {true, std::string(text.substr(begin, end - begin)), {begin, end - begin}};
}

}  // namespace

ScannedText scan_text(std::string_view text) {
  ScannedText scanned;
  std::string literal;
  std::size_t offset = 0;
  auto flush = [&] {
    if (!literal.empty()) scanned.parts.push_back({false, std::move(literal), {}});
    literal.clear();
  };
  while (offset < text.size()) {
    std::size_t dollar = text.find('$', offset);
    literal += text.substr(offset, dollar == std::string_view::npos ? dollar : dollar - offset);
    if (dollar == std::string_view::npos) break;
    std::string_view rest = text.substr(dollar);
    if (rest.starts_with("$${")) {
      literal += "${";
      offset = dollar + 3;
    } else if (rest.starts_with("${")) {
      ExpressionEnd end = find_end(text, dollar + 2);
      if (end.error) {
        scanned.error = std::move(end.error);
        return scanned;
      }
      flush();
      scanned.parts.push_back(expression_part(text, dollar + 2, end.offset));
      offset = end.offset + 1;
    } else {
      literal += '$';
      offset = dollar + 1;
    }
  }
  flush();
  return scanned;
}

}  // namespace harmonia::expr
