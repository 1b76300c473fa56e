#include "expr/template.h"

#include "expr/evaluate.h"
#include "expr/json_size.h"
#include "expr/template_scanner.h"
#include "expr/type_check.h"

namespace harmonia::expr {
namespace {

// A string with expressions: literal pieces and programs, in order.
struct TextPiece {
  std::string literal;
  std::optional<Program> program;
  std::size_t offset = 0;  // of the program's source in the string
};

// The shape of a compiled template. Parts without expressions are `constant` and point into the
// source.
struct TemplateNode {
  enum class Kind { constant, text, array, object };
  Kind kind = Kind::constant;
  const Json* source = nullptr;
  std::vector<TextPiece> pieces = {};
  std::vector<TemplateNode> children = {};

  // One expression as a whole, which keeps the type of its value.
  bool is_whole() const { return pieces.size() == 1 && pieces[0].program; }
};

constexpr std::string_view secret_root = "secret";

// Gives each secret as the text that names it.
class SecretNames final : public LazyObject {
 public:
  std::optional<Member> member(std::string_view name) const override {
    Member member;
    member.computed = Json(json_view("${secret." + std::string(name) + "}"));
    return member;
  }
  std::vector<std::string> names() const override { return {}; }
};

class SecretActivation final : public Activation {
 public:
  explicit SecretActivation(const Activation& inner) : inner_(inner) {}
  std::optional<LazyObject::Member> root(std::string_view name) const override {
    if (name != secret_root) return inner_.root(name);
    LazyObject::Member member;
    member.object = &secrets_;
    return member;
  }

 private:
  const Activation& inner_;
  SecretNames secrets_;
};

}  // namespace

struct Template::Impl {
  Json source;
  TemplateNode root;
  std::vector<TemplateReference> references;
  bool is_constant = true;
};

namespace {

class Compiler {
 public:
  Compiler(Template::Impl& impl, const CompileOptions& options) : impl_(impl), options_(options) {}

  TemplateNode compile_value(const Json& value, std::string pointer) {
    if (const auto* text = value.if_string()) return compile_text(value, text_view(*text), pointer);
    TemplateNode node{.source = &value};
    if (const auto* array = value.if_array()) {
      node.kind = TemplateNode::Kind::array;
      for (std::size_t i = 0; i < array->size(); ++i) {
        node.children.push_back(compile_value((*array)[i], pointer + "/" + std::to_string(i)));
      }
    } else if (const auto* object = value.if_object()) {
      node.kind = TemplateNode::Kind::object;
      for (const auto& member : *object) {
        std::string name = escape_pointer_token(text_view(member.key()));
        node.children.push_back(compile_value(member.value(), pointer + "/" + name));
      }
    }
    return simplified(std::move(node));
  }

  std::vector<TemplateError> take_errors() { return std::move(errors_); }

 private:
  // A list or map of constants is a constant.
  static TemplateNode simplified(TemplateNode node) {
    for (const TemplateNode& child : node.children) {
      if (child.kind != TemplateNode::Kind::constant) return node;
    }
    return {.source = node.source};
  }

  TemplateNode compile_text(const Json& value, std::string_view text, const std::string& pointer) {
    TemplateNode node{.source = &value};
    if (text.find("${") == std::string_view::npos) return node;
    ScannedText scanned = scan_text(text);
    if (scanned.error) errors_.push_back({pointer, std::move(*scanned.error)});
    node.kind = TemplateNode::Kind::text;
    for (TextPart& part : scanned.parts) {
      if (!part.is_expression) {
        node.pieces.push_back({.literal = std::move(part.text), .program = std::nullopt});
        continue;
      }
      impl_.is_constant = false;
      CompileResult compiled = compile(part.text, options_);
      for (CompileError& error : compiled.errors) {
        error.range.offset += part.range.offset;
        errors_.push_back({pointer, std::move(error)});
      }
      if (!compiled.program) continue;
      for (const Reference& reference : compiled.program->references()) {
        impl_.references.push_back({pointer, reference});
        impl_.references.back().reference.range.offset += part.range.offset;
      }
      node.pieces.push_back({{}, std::move(compiled.program), part.range.offset});
    }
    return node;
  }

  Template::Impl& impl_;
  const CompileOptions& options_;
  std::vector<TemplateError> errors_;
};

class Renderer {
 public:
  Renderer(const Activation& activation, const Limits& limits)
      : activation_(activation), limits_(limits) {}

  Result<Json> render_node(const TemplateNode& node, const std::string& pointer) {
    switch (node.kind) {
      case TemplateNode::Kind::constant: return *node.source;
      case TemplateNode::Kind::text: return render_text(node, pointer);
      case TemplateNode::Kind::array: return render_array(node, pointer);
      case TemplateNode::Kind::object: return render_object(node, pointer);
    }
    return Json();
  }

 private:
  Result<Json> value_of(const Program& program, const std::string& pointer) {
    auto value = evaluate_charged(program, activation_, limits_, steps_left_);
    if (!value.ok()) {
      if (steps_left_ == 0) {
        value.error().detail = "the expressions together take more steps than template_cost_max";
      }
      value.error().instance = pointer;
      return value;
    }
    size_ += measure(value.value()).bytes;
    if (size_ > limits_.result_size_max) {
      return make_error(error_code::expression,
                        "the values of the expressions are larger than " +
                            std::to_string(limits_.result_size_max) + " bytes",
                        pointer);
    }
    return value;
  }

  Result<Json> render_text(const TemplateNode& node, const std::string& pointer) {
    if (node.is_whole()) return value_of(*node.pieces[0].program, pointer);
    std::string text;
    for (const TextPiece& piece : node.pieces) {
      if (!piece.program) {
        text += piece.literal;
        continue;
      }
      TRY(Json value, value_of(*piece.program, pointer));
      if (const auto* string = value.if_string()) {
        text += text_view(*string);
      } else {
        append_text(text, value);
      }
    }
    return Json(json_view(text));
  }

  Result<Json> render_array(const TemplateNode& node, const std::string& pointer) {
    JsonArray array;
    array.reserve(node.children.size());
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      TRY(Json item, render_node(node.children[i], pointer + "/" + std::to_string(i)));
      array.push_back(std::move(item));
    }
    return Json(std::move(array));
  }

  Result<Json> render_object(const TemplateNode& node, const std::string& pointer) {
    JsonObject object;
    object.reserve(node.children.size());
    std::size_t i = 0;
    for (const auto& member : node.source->get_object()) {
      std::string name = escape_pointer_token(text_view(member.key()));
      TRY(Json value, render_node(node.children[i++], pointer + "/" + name));
      object.emplace(member.key(), std::move(value));
    }
    return Json(std::move(object));
  }

  SecretActivation activation_;
  const Limits& limits_;
  std::uint64_t steps_left_ = limits_.template_cost_max;
  std::size_t size_ = 0;
};

// As Renderer, with types in place of values.
class TemplateTypeChecker {
 public:
  explicit TemplateTypeChecker(const TypeEnvironment& environment) : environment_(environment) {}

  Type type_of(const TemplateNode& node, const std::string& pointer) {
    switch (node.kind) {
      case TemplateNode::Kind::constant: return type_of_json(*node.source);
      case TemplateNode::Kind::text: return type_of_text(node, pointer);
      case TemplateNode::Kind::array: return type_of_array(node, pointer);
      case TemplateNode::Kind::object: return type_of_object(node, pointer);
    }
    return json_type();
  }

  std::vector<TemplateTypeFinding> take_findings() { return std::move(findings_); }

 private:
  Type type_of_text(const TemplateNode& node, const std::string& pointer) {
    Type type = string_type();
    for (const TextPiece& piece : node.pieces) {
      if (!piece.program) continue;
      TypeCheckResult checked = check_types(*piece.program, environment_);
      for (TypeFinding& finding : checked.findings) {
        finding.range.offset += piece.offset;
        findings_.push_back({pointer, std::move(finding)});
      }
      if (node.is_whole()) type = type_in_json(checked.type);
    }
    return type;
  }

  Type type_of_array(const TemplateNode& node, const std::string& pointer) {
    Type items = type_of_kinds(0);
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      items = either(items, type_of(node.children[i], pointer + "/" + std::to_string(i)));
    }
    return list_type(std::move(items));
  }

  Type type_of_object(const TemplateNode& node, const std::string& pointer) {
    ObjectType object;
    object.closed = true;
    std::size_t i = 0;
    for (const auto& member : node.source->get_object()) {
      std::string_view name = text_view(member.key());
      Type type = type_of(node.children[i++], pointer + "/" + escape_pointer_token(name));
      object.fields.emplace(name, FieldType{std::move(type), true});
    }
    return object_type(std::move(object));
  }

  const TypeEnvironment& environment_;
  std::vector<TemplateTypeFinding> findings_;
};

CompileResult shifted(CompileResult result, std::size_t offset) {
  for (CompileError& error : result.errors) error.range.offset += offset;
  return result;
}

}  // namespace

const Json& Template::source() const { return impl_->source; }
const std::vector<TemplateReference>& Template::references() const { return impl_->references; }
bool Template::is_constant() const { return impl_->is_constant; }

TemplateResult compile_template(const Json& source, const CompileOptions& options) {
  auto impl = std::make_shared<Template::Impl>();
  impl->source = source;
  Compiler compiler(*impl, options);
  impl->root = compiler.compile_value(impl->source, "");
  TemplateResult result{.value = std::nullopt, .errors = compiler.take_errors()};
  if (result.errors.empty()) result.value.emplace(std::move(impl));
  return result;
}

Result<Json> render(const Template& tmpl, const Activation& activation, const Limits& limits) {
  return Renderer(activation, limits).render_node(tmpl.impl().root, "");
}

TemplateTypeCheckResult check_types(const Template& tmpl, const TypeEnvironment& environment) {
  TemplateTypeChecker checker(environment);
  TemplateTypeCheckResult result;
  result.type = checker.type_of(tmpl.impl().root, "");
  result.findings = checker.take_findings();
  return result;
}

CompileResult compile_condition(std::string_view text, const CompileOptions& options) {
  if (text.find("${") == std::string_view::npos) return compile(text, options);
  ScannedText scanned = scan_text(text);
  if (scanned.error) return {std::nullopt, {std::move(*scanned.error)}};
  const TextPart* expression = nullptr;
  bool whole = true;
  for (const TextPart& part : scanned.parts) {
    bool blank = !part.is_expression && part.text.find_first_not_of(" \t\r\n") == std::string::npos;
    if (blank) continue;
    whole = whole && part.is_expression && !expression;
    expression = &part;
  }
  if (whole && expression)
    return shifted(compile(expression->text, options), expression->range.offset);
  CompileResult result = compile(text, options);  // "${" may stand in a string
  if (!result.program) {
    result.errors = {
        {"a condition is one expression, with or without ${ and } around the whole of it",
         "write ${a == b}, not ${a} == b",
         {0, text.size()}}};
  }
  return result;
}

}  // namespace harmonia::expr
