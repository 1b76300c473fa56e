#include "workflow/legacy_expression.h"

#include <array>

#include "expr/lexer.h"
#include "workflow/definition.h"
#include "workflow/fields.h"
#include "workflow/placeholders.h"

namespace harmonia::workflow {
namespace {

using expr::Token;
using expr::TokenKind;

constexpr std::string_view arrow = "=>";

bool continues_id(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// The tokens of an expression; `=>`, `===` and `!==`, which CEL does not have, as errors with their
// text. Ends at the first token that is no part of either language.
class Scan {
 public:
  explicit Scan(std::string_view source, std::size_t offset = 0)
      : source_(source), lexer_(source, offset) {}

  Token next() {
    Token token = lexer_.next();
    std::size_t end = token.range.offset + token.range.length;
    if (token.kind == TokenKind::error && source_.substr(token.range.offset).starts_with(arrow))
      return take(token, token.range.offset + arrow.size());
    bool equality = token.kind == TokenKind::equal || token.kind == TokenKind::not_equal;
    if (equality && source_.substr(end).starts_with("=")) return take(token, end + 1);
    return token;
  }

 private:
  Token take(Token token, std::size_t end) {
    token.kind = TokenKind::error;
    token.range.length = end - token.range.offset;
    token.text = source_.substr(token.range.offset, token.range.length);
    lexer_ = expr::Lexer(source_, end);
    return token;
  }

  std::string_view source_;
  expr::Lexer lexer_;
};

bool is_foreign(const Token& token) {
  return token.kind == TokenKind::error &&
         (token.text == arrow || token.text == "===" || token.text == "!==");
}

Error untranslatable(std::string message, std::string hint) {
  return make_error(error_code::invalid_definition, std::move(message), std::move(hint));
}

std::string member_of(std::string_view name) {
  if (name.find('-') == std::string_view::npos) return "." + std::string(name);
  return "[" + to_cel_literal(Json(json_view(name))) + "]";
}

class Translator {
 public:
  Translator(std::string_view source, const LegacyNames& names) : source_(source), names_(names) {
    Scan scan(source);
    for (Token token = scan.next(); token.kind != TokenKind::end; token = scan.next()) {
      tokens_.push_back(token);
      if (token.kind == TokenKind::error && !is_foreign(token)) break;
    }
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
      bool binds = tokens_[i + 1].text == arrow ||
                   (i > 0 && is(i - 1, TokenKind::left_paren) && is(i + 1, TokenKind::comma));
      if (binds && is(i, TokenKind::identifier)) bound_.emplace(tokens_[i].text);
    }
  }

  Result<LegacyResult> run() {
    while (at_ < tokens_.size()) TRY_DO(step());
    result_.text += source_.substr(copied_);
    return std::move(result_);
  }

 private:
  bool is(std::size_t index, TokenKind kind) const {
    return index < tokens_.size() && tokens_[index].kind == kind;
  }
  std::string_view text(std::size_t index) const {
    return index < tokens_.size() ? tokens_[index].text : std::string_view{};
  }
  bool is_member(std::size_t index) const { return index > 0 && is(index - 1, TokenKind::dot); }
  // `.name` behind a token.
  std::string_view member_behind(std::size_t index) const {
    bool word = is(index + 2, TokenKind::identifier) || is(index + 2, TokenKind::reserved);
    return is(index + 1, TokenKind::dot) && word ? text(index + 2) : std::string_view{};
  }
  bool is_root(std::size_t index, std::string_view name) const {
    return is(index, TokenKind::identifier) && text(index) == name && !is_member(index) &&
           !bound_.contains(name) && !names_.bound.contains(name);
  }

  // Writes `with` instead of the source from token `at_` up to the byte `end`.
  void replace(std::size_t end, std::string_view with, std::string_view told) {
    result_.text += source_.substr(copied_, tokens_[at_].range.offset - copied_);
    result_.text += with;
    copied_ = end;
    result_.translations.emplace_back(told);
    while (at_ < tokens_.size() && tokens_[at_].range.offset < end) ++at_;
  }
  std::size_t end_of(std::size_t index) const {
    return tokens_[index].range.offset + tokens_[index].range.length;
  }

  Result<void> step() {
    if (is_foreign(tokens_[at_])) {
      foreign_operator();
    } else if (is_root(at_, "state")) {
      return state();
    } else if (is_root(at_, "parameters") || is_declared_parameter()) {
      replace(end_of(at_), "input", "`parameters.x` in expressions became `input.x`");
    } else if (is_root(at_, "workflow") && member_behind(at_) == "input") {
      replace(end_of(at_ + 2), "input", "`workflow.input.x` in expressions became `input.x`");
    } else if (is_root(at_, "DateTime")) {
      return date_time();
    } else if (is_member(at_) && is(at_, TokenKind::identifier)) {
      member();
    } else if (is_input_field()) {
      std::string path = "input." + std::string(text(at_));
      replace(end_of(at_), path, "names of fields of the input became `input.x`");
    } else {
      ++at_;
    }
    return {};
  }

  // `params.x`, when the form declares the parameter.
  bool is_declared_parameter() const {
    bool root = is_root(at_, "params") || is_root(at_, "param");
    return root && names_.is_legacy && names_.is_input(member_behind(at_));
  }

  bool is_input_field() const {
    bool name = names_.is_legacy && is(at_, TokenKind::identifier) && !is_member(at_) &&
                !is(at_ + 1, TokenKind::left_paren) && !is(at_ + 1, TokenKind::colon);
    if (!name || bound_.contains(text(at_)) || names_.bound.contains(text(at_))) return false;
    return !fields::contains(expression_roots, text(at_)) && names_.is_input(text(at_));
  }

  // (x) => becomes x,
  void foreign_operator() {
    if (text(at_) != arrow) {
      std::string_view cel = text(at_).substr(0, 2);
      return replace(end_of(at_), cel, "`===` in expressions became `==`");
    }
    replace(end_of(at_), ",", "lambdas `x => ...` in expressions became macros of CEL");
    // What stands before the arrow has been written: `x ` or `(x) `.
    std::string& text = result_.text;
    text.pop_back();
    while (text.ends_with(' ')) text.pop_back();
    if (text.ends_with(')')) {
      std::size_t open = text.rfind('(');
      text.pop_back();
      if (open != std::string::npos) text.erase(open, 1);
    }
    text += ',';
  }

  void member() {
    std::string_view name = text(at_);
    bool is_call = is(at_ + 1, TokenKind::left_paren);
    if (name == "length") {
      bool empty_call = is_call && is(at_ + 2, TokenKind::right_paren);
      if (is_call && !empty_call) {
        ++at_;
        return;
      }
      return replace(end_of(empty_call ? at_ + 2 : at_), "size()",
                     "`.length` in expressions became `.size()`");
    }
    if (is_call && name == "some")
      return replace(end_of(at_), "exists", "`.some()` in expressions became `.exists()`");
    if (is_call && name == "every")
      return replace(end_of(at_), "all", "`.every()` in expressions became `.all()`");
    ++at_;
  }

  Result<void> date_time() {
    if (member_behind(at_) == "parse") {
      replace(end_of(at_ + 2), "timestamp",
              "`DateTime.parse()` in expressions became `timestamp()`");
      return {};
    }
    return untranslatable(
        "expressions have no clock: DateTime." + std::string(member_behind(at_)) +
            " can't be translated",
        "compare with execution.started_at or with tasks.x.ended_at, or let a task of type wait "
        "sleep `until` the time");
  }

  // The id behind `state.`: ids may hold `-`, which CEL reads as a subtraction.
  std::string_view step_behind(std::size_t index) const {
    if (!is(index + 1, TokenKind::dot)) return {};
    std::size_t begin = end_of(index + 1);
    std::size_t end = begin;
    while (end < source_.size() && continues_id(source_[end])) ++end;
    for (std::size_t length = end - begin; length > 0; --length) {
      std::string_view id = source_.substr(begin, length);
      if (names_.is_task(id)) return id;
    }
    return {};
  }

  Result<void> state() {
    std::string_view id = step_behind(at_);
    if (id.empty()) {
      std::string name(member_behind(at_));
      return untranslatable(
          name.empty() ? "`state` must be followed by the id of a step"
                       : "`state." + name + "` names no step",
          "the state of a run is what its tasks gave: write tasks.ID.output.x; what comes from "
          "outside is an input or an event");
    }
    std::size_t id_end = end_of(at_ + 1) + id.size();
    std::size_t behind = at_;
    while (behind < tokens_.size() && tokens_[behind].range.offset < id_end) ++behind;
    std::string task = "tasks" + member_of(id);
    std::string_view what = behind > 0 ? member_behind(behind - 1) : std::string_view{};
    constexpr auto meta = std::to_array<std::string_view>(
        {"status", "error", "attempt", "started_at", "ended_at", "output"});
    std::string_view told = "`state.STEP` in expressions became `tasks.STEP.output`";
    if (what == "success" || what == "failed") {
      result_.watched.emplace(id);
      std::string_view status = what == "success" ? "completed" : "failed";
      replace(end_of(behind + 1), "(" + task + ".status == \"" + std::string(status) + "\")",
              "`state.STEP.success` in expressions became a look at `tasks.STEP.status`");
    } else if (fields::contains(meta, what)) {
      if (what == "status" || what == "error") result_.watched.emplace(id);
      replace(end_of(behind + 1), task + "." + std::string(what), told);
    } else if (what == "result" || what == "results") {
      replace(end_of(behind + 1), task + ".output", told);
    } else {
      replace(id_end, task + ".output", told);
    }
    return {};
  }

  std::string_view source_;
  const LegacyNames& names_;
  std::vector<Token> tokens_;
  std::set<std::string, std::less<>> bound_;  // variables of lambdas and macros
  LegacyResult result_;
  std::size_t at_ = 0;      // token
  std::size_t copied_ = 0;  // bytes of the source that are written
};

// A cheap look: most expressions hold none of this.
bool may_be_legacy(std::string_view expression) {
  constexpr auto signs =
      std::to_array<std::string_view>({"state", "parameters", "workflow.input", "length", "=>",
                                       "DateTime", "===", "!==", "some", "every"});
  return std::any_of(signs.begin(), signs.end(), [&](std::string_view sign) {
    return expression.find(sign) != std::string_view::npos;
  });
}

// Whether it means something as it stands.
bool is_cel(std::string_view expression, const LegacyNames& names) {
  std::vector<std::string_view> roots(std::begin(expression_roots), std::end(expression_roots));
  for (std::string_view root : {"result", "event", "callback", "item", "index", "loop"})
    roots.push_back(root);
  roots.insert(roots.end(), names.bound.begin(), names.bound.end());
  expr::CompileOptions options;
  options.roots = roots;
  auto compiled = expr::compile(expression, options);
  if (!compiled.program) return false;
  const auto& references = compiled.program->references();
  return std::none_of(references.begin(), references.end(), [](const expr::Reference& reference) {
    return reference.root == "workflow" && !reference.path.empty() &&
           reference.path.front() == "input";
  });
}

// The offset behind the `}` that ends the expression at `offset`; nothing when none does.
std::optional<std::size_t> end_of_expression(std::string_view text, std::size_t offset) {
  Scan scan(text, offset);
  std::size_t open = 0;
  while (true) {
    Token token = scan.next();
    if (token.kind == TokenKind::end) return std::nullopt;
    if (token.kind == TokenKind::error && !is_foreign(token)) return std::nullopt;
    if (token.kind == TokenKind::left_brace) ++open;
    if (token.kind != TokenKind::right_brace) continue;
    if (open == 0) return token.range.offset;
    --open;
  }
}

}  // namespace

Result<LegacyResult> translate_legacy(std::string_view expression, const LegacyNames& names) {
  bool untouched = !names.is_legacy && (!may_be_legacy(expression) || is_cel(expression, names));
  if (untouched)
    return LegacyResult{.text = std::string(expression), .translations = {}, .watched = {}};
  return Translator(expression, names).run();
}

Result<LegacyResult> translate_legacy_text(std::string_view text, const LegacyNames& names) {
  LegacyResult whole;
  for (const RawPart& part : split_text(text)) {
    if (!part.is_expression) {
      whole.text += part.text;
      continue;
    }
    TRY(LegacyResult one, translate_legacy(part.text, names));
    whole.text += "${" + one.text + "}";
    for (std::string& sentence : one.translations)
      whole.translations.push_back(std::move(sentence));
    whole.watched.merge(one.watched);
  }
  return whole;
}

std::vector<RawPart> split_text(std::string_view text) {
  std::vector<RawPart> parts;
  std::size_t begin = 0;
  std::size_t offset = 0;
  while (true) {
    std::size_t open = text.find("${", offset);
    if (open == std::string_view::npos) break;
    if (open > 0 && text[open - 1] == '$') {  // $${ is text
      offset = open + 2;
      continue;
    }
    auto end = end_of_expression(text, open + 2);
    if (!end) break;
    if (open > begin) parts.push_back({false, text.substr(begin, open - begin)});
    parts.push_back({true, text.substr(open + 2, *end - open - 2)});
    begin = offset = *end + 1;
  }
  if (begin < text.size()) parts.push_back({false, text.substr(begin)});
  return parts;
}

}  // namespace harmonia::workflow
