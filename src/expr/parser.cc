#include "expr/parser.h"

#include <algorithm>

#include "base/utf8.h"
#include "expr/lexer.h"
#include "expr/literal.h"

namespace harmonia::expr {
namespace {

struct BinaryOperator {
  int precedence;  // higher binds tighter; 0 is none
  std::string_view function;
};

BinaryOperator binary_operator(TokenKind kind) {
  if (kind == TokenKind::logical_or) return {1, "||"};
  if (kind == TokenKind::logical_and) return {2, "&&"};
  if (kind == TokenKind::less) return {3, "_<_"};
  if (kind == TokenKind::less_equal) return {3, "_<=_"};
  if (kind == TokenKind::greater) return {3, "_>_"};
  if (kind == TokenKind::greater_equal) return {3, "_>=_"};
  if (kind == TokenKind::equal) return {3, "_==_"};
  if (kind == TokenKind::not_equal) return {3, "_!=_"};
  if (kind == TokenKind::in_word) return {3, "_in_"};
  if (kind == TokenKind::plus) return {4, "_+_"};
  if (kind == TokenKind::minus) return {4, "_-_"};
  if (kind == TokenKind::star) return {5, "_*_"};
  if (kind == TokenKind::slash) return {5, "_/_"};
  if (kind == TokenKind::percent) return {5, "_%_"};
  return {0, {}};
}

// Recursive descent; the depth of recursion is bounded by depth_max. After an error every function
// returns quickly, with a node that nobody will read.
class Parser {
 public:
  Parser(std::string_view source, const Limits& limits, Ast& ast)
      : source_(source), limits_(limits), ast_(ast), lexer_(source) {
    advance();
  }

  std::optional<CompileError> run() {
    ast_.root = expression();
    if (!error_ && token_.kind != TokenKind::end) fail_at_token("expected an operator or the end");
    return std::move(error_);
  }

 private:
  NodeId expression();
  NodeId conditional();
  NodeId binary(int precedence_min);
  NodeId combine(const BinaryOperator& op, NodeId left, NodeId right);
  NodeId unary();
  NodeId negative_number(const Token& sign);
  NodeId member();
  NodeId select(NodeId operand);
  NodeId index(NodeId operand);
  NodeId primary();
  NodeId word(bool absolute);
  NodeId number();
  NodeId text();
  NodeId list();
  NodeId map();
  void arguments(Node& call);
  void map_entries(Node& map);

  void advance() {
    previous_end_ = token_.range.offset + token_.range.length;
    token_ = lexer_.next();
    if (token_.kind == TokenKind::error) fail(token_.range, std::string(token_.problem));
  }
  bool accept(TokenKind kind) {
    if (error_ || token_.kind != kind) return false;
    advance();
    return true;
  }
  void expect(TokenKind kind, std::string_view what) {
    if (!accept(kind)) fail_at_token("expected " + std::string(what));
  }
  NodeId add(Node node);
  Node start(NodeKind kind, std::size_t offset) const {
    Node node;
    node.kind = kind;
    node.range.offset = offset;
    return node;
  }
  NodeId nothing() { return add(start(NodeKind::literal, token_.range.offset)); }
  std::size_t offset_of(NodeId id) const { return ast_.at(id).range.offset; }
  void fail(SourceRange range, std::string message, std::string hint = {}) {
    if (!error_) error_ = CompileError{std::move(message), std::move(hint), range};
  }
  void fail_at_token(std::string message);
  void fail_depth(SourceRange range) {
    fail(range,
         "the expression nests deeper than " + std::to_string(limits_.depth_max) + " levels");
  }

  std::string_view source_;
  const Limits& limits_;
  Ast& ast_;
  Lexer lexer_;
  Token token_;
  std::size_t previous_end_ = 0;  // where the token before this one ended
  std::size_t nesting_ = 0;
  std::optional<CompileError> error_;
};

void Parser::fail_at_token(std::string message) {
  if (token_.kind == TokenKind::end) {
    fail(token_.range, std::move(message) + ", but the expression ends here");
  } else {
    fail(token_.range, std::move(message) + ", found '" + utf8_prefix(token_.text, 40) + "'");
  }
}

// Gives the node its end and depth.
NodeId Parser::add(Node node) {
  node.range.length = previous_end_ > node.range.offset ? previous_end_ - node.range.offset : 0;
  for (NodeId child : node.children) node.depth = std::max(node.depth, ast_.at(child).depth + 1);
  if (node.depth > limits_.depth_max) {
    fail_depth(node.range);
    node.children.clear();
    node.depth = 1;
  }
  ast_.nodes.push_back(std::move(node));
  return static_cast<NodeId>(ast_.nodes.size() - 1);
}

NodeId Parser::expression() {
  if (++nesting_ > limits_.depth_max) fail_depth(token_.range);
  NodeId node = error_ ? nothing() : conditional();
  --nesting_;
  return node;
}

NodeId Parser::conditional() {
  NodeId condition = binary(1);
  if (!accept(TokenKind::question)) return condition;
  Node node = start(NodeKind::conditional, offset_of(condition));
  NodeId chosen = binary(1);
  expect(TokenKind::colon, "':' and the other value of '?'");
  NodeId other = expression();
  node.children = {condition, chosen, other};
  return add(std::move(node));
}

NodeId Parser::binary(int precedence_min) {
  NodeId left = unary();
  while (!error_) {
    BinaryOperator op = binary_operator(token_.kind);
    if (op.precedence < precedence_min || op.precedence == 0) break;
    advance();
    NodeId right = binary(op.precedence + 1);
    left = combine(op, left, right);
  }
  return left;
}

// Chains of && and || become one node, so that long ones are not deep.
NodeId Parser::combine(const BinaryOperator& op, NodeId left, NodeId right) {
  bool logical = op.precedence <= 2;
  NodeKind kind = op.precedence == 1   ? NodeKind::logical_or
                  : op.precedence == 2 ? NodeKind::logical_and
                                       : NodeKind::call;
  if (logical && ast_.at(left).kind == kind) {
    Node node = std::move(ast_.at(left));
    node.children.push_back(right);
    return add(std::move(node));
  }
  Node node = start(kind, offset_of(left));
  node.name = op.function;
  node.children = {left, right};
  return add(std::move(node));
}

NodeId Parser::unary() {
  if (token_.kind != TokenKind::minus && token_.kind != TokenKind::not_sign) return member();
  std::vector<Token> signs;
  TokenKind sign = token_.kind;
  while (token_.kind == sign && signs.size() <= limits_.depth_max) {
    signs.push_back(token_);
    advance();
  }
  if (signs.size() > limits_.depth_max) fail_depth(signs.front().range);
  if (error_) return nothing();
  NodeId operand = 0;
  bool number_follows =
      token_.kind == TokenKind::int_number || token_.kind == TokenKind::double_number;
  if (sign == TokenKind::minus && number_follows) {
    operand = negative_number(signs.back());
    signs.pop_back();
  } else {
    operand = member();
  }
  for (; !signs.empty(); signs.pop_back()) {
    Node node = start(NodeKind::call, signs.back().range.offset);
    node.name = sign == TokenKind::minus ? "-_" : "!_";
    node.children = {operand};
    operand = add(std::move(node));
  }
  return operand;
}

// The sign belongs to the literal, so that the smallest int can be written.
NodeId Parser::negative_number(const Token& sign) {
  Node node = start(NodeKind::literal, sign.range.offset);
  if (token_.kind == TokenKind::double_number) {
    node.literal = double_value(-parse_double_literal(token_.text));
  } else if (auto value = parse_int_literal(token_.text, true)) {
    node.literal = *value;
  } else {
    fail(token_.range, "the number is too small for a 64-bit int");
  }
  advance();
  NodeId literal = add(std::move(node));
  NodeId operand = literal;
  while (!error_) {
    if (token_.kind == TokenKind::dot) {
      operand = select(operand);
    } else if (token_.kind == TokenKind::left_bracket) {
      operand = index(operand);
    } else {
      break;
    }
  }
  return operand;
}

NodeId Parser::member() {
  NodeId operand = primary();
  while (!error_) {
    if (token_.kind == TokenKind::dot) {
      operand = select(operand);
    } else if (token_.kind == TokenKind::left_bracket) {
      operand = index(operand);
    } else {
      break;
    }
  }
  return operand;
}

NodeId Parser::select(NodeId operand) {
  advance();
  Node node = start(NodeKind::select, offset_of(operand));
  node.optional = accept(TokenKind::question);
  bool is_word = token_.kind == TokenKind::identifier || token_.kind == TokenKind::reserved;
  if (!is_word && token_.kind != TokenKind::quoted_identifier) {
    bool keyword = !token_.text.empty() && token_.text[0] >= 'a' && token_.text[0] <= 'z';
    if (keyword) {
      std::string name(token_.text);
      fail(token_.range, "'" + name + "' is a word of the language",
           "write `" + name + "` or [\"" + name + "\"]");
    } else {
      fail_at_token("expected the name of a member after '.'");
    }
    return operand;
  }
  node.name = token_.text;
  node.name_range = token_.range;
  node.children = {operand};
  advance();
  if (is_word && !node.optional && accept(TokenKind::left_paren)) {
    node.kind = NodeKind::call;
    node.has_receiver = true;
    arguments(node);
  }
  return add(std::move(node));
}

NodeId Parser::index(NodeId operand) {
  advance();
  Node node = start(NodeKind::index, offset_of(operand));
  node.optional = accept(TokenKind::question);
  NodeId key = expression();
  node.children = {operand, key};
  expect(TokenKind::right_bracket, "']'");
  return add(std::move(node));
}

// After the opening parenthesis.
void Parser::arguments(Node& call) {
  if (accept(TokenKind::right_paren)) return;
  do {
    call.children.push_back(expression());
  } while (accept(TokenKind::comma));
  expect(TokenKind::right_paren, "',' or ')'");
}

NodeId Parser::primary() {
  switch (token_.kind) {
    case TokenKind::identifier:
    case TokenKind::reserved: return word(false);
    case TokenKind::dot:
      advance();
      if (token_.kind == TokenKind::identifier || token_.kind == TokenKind::reserved)
        return word(true);
      fail_at_token("expected a name after '.'");
      return nothing();
    case TokenKind::int_number:
    case TokenKind::uint_number:
    case TokenKind::double_number:
    case TokenKind::true_word:
    case TokenKind::false_word:
    case TokenKind::null_word: return number();
    case TokenKind::string:
    case TokenKind::bytes: return text();
    case TokenKind::left_bracket: return list();
    case TokenKind::left_brace: return map();
    case TokenKind::left_paren: {
      std::size_t offset = token_.range.offset;
      advance();
      NodeId inner = expression();
      expect(TokenKind::right_paren, "')'");
      // The parentheses belong to the text of what they hold.
      ast_.at(inner).range = {offset, previous_end_ - offset};
      ast_.at(inner).grouped = true;
      return inner;
    }
    case TokenKind::end:
    case TokenKind::error:
    case TokenKind::quoted_identifier:
    case TokenKind::in_word:
    case TokenKind::comma:
    case TokenKind::colon:
    case TokenKind::question:
    case TokenKind::right_paren:
    case TokenKind::right_bracket:
    case TokenKind::right_brace:
    case TokenKind::plus:
    case TokenKind::minus:
    case TokenKind::star:
    case TokenKind::slash:
    case TokenKind::percent:
    case TokenKind::not_sign:
    case TokenKind::less:
    case TokenKind::less_equal:
    case TokenKind::greater:
    case TokenKind::greater_equal:
    case TokenKind::equal:
    case TokenKind::not_equal:
    case TokenKind::logical_and:
    case TokenKind::logical_or: break;
  }
  fail_at_token("expected a value");
  return nothing();
}

NodeId Parser::word(bool absolute) {
  std::size_t offset = absolute ? previous_end_ - 1 : token_.range.offset;
  Node node = start(NodeKind::identifier, offset);
  node.absolute = absolute;
  node.reserved = token_.kind == TokenKind::reserved;
  node.name = token_.text;
  node.name_range = token_.range;
  advance();
  if (accept(TokenKind::left_paren)) {
    node.kind = NodeKind::call;
    if (node.reserved) fail(node.name_range, "'" + std::string(node.name) + "' is a reserved word");
    arguments(node);
  } else if (token_.kind == TokenKind::left_brace) {
    fail(token_.range, "messages such as Name{...} are not supported",
         "write a map: {\"key\": value}");
  }
  return add(std::move(node));
}

NodeId Parser::number() {
  Node node = start(NodeKind::literal, token_.range.offset);
  std::optional<Value> value = null_value();
  if (token_.kind == TokenKind::int_number) value = parse_int_literal(token_.text, false);
  if (token_.kind == TokenKind::uint_number) value = parse_uint_literal(token_.text);
  if (token_.kind == TokenKind::double_number)
    value = double_value(parse_double_literal(token_.text));
  if (token_.kind == TokenKind::true_word) value = bool_value(true);
  if (token_.kind == TokenKind::false_word) value = bool_value(false);
  if (!value) fail(token_.range, "the number does not fit into 64 bits");
  node.literal = value.value_or(null_value());
  advance();
  return add(std::move(node));
}

NodeId Parser::text() {
  Node node = start(NodeKind::literal, token_.range.offset);
  bool is_bytes = token_.kind == TokenKind::bytes;
  DecodedText decoded = decode_text_literal(token_.text, is_bytes);
  if (!decoded.problem.empty()) fail(token_.range, std::string(decoded.problem));
  std::string_view text = ast_.keep(std::move(decoded.text));
  node.literal = is_bytes ? bytes_value(text) : string_value(text);
  advance();
  return add(std::move(node));
}

NodeId Parser::list() {
  Node node = start(NodeKind::list, token_.range.offset);
  advance();
  while (!error_ && token_.kind != TokenKind::right_bracket) {
    node.optional_children.push_back(accept(TokenKind::question));
    node.children.push_back(expression());
    if (!accept(TokenKind::comma)) break;
  }
  expect(TokenKind::right_bracket, "',' or ']'");
  return add(std::move(node));
}

NodeId Parser::map() {
  Node node = start(NodeKind::map, token_.range.offset);
  advance();
  while (!error_ && token_.kind != TokenKind::right_brace) {
    node.optional_children.push_back(accept(TokenKind::question));
    NodeId key = expression();
    expect(TokenKind::colon, "':' and the value of the key");
    NodeId value = expression();
    node.children.insert(node.children.end(), {key, value});
    if (!accept(TokenKind::comma)) break;
  }
  expect(TokenKind::right_brace, "',' or '}'");
  return add(std::move(node));
}

}  // namespace

std::optional<CompileError> parse(std::string_view source, const Limits& limits, Ast& ast) {
  if (source.size() > limits.source_size_max) {
    return CompileError{"the expression has " + std::to_string(source.size()) + " bytes; at most " +
                            std::to_string(limits.source_size_max) + " are allowed",
                        {},
                        {}};
  }
  return Parser(source, limits, ast).run();
}

}  // namespace harmonia::expr
