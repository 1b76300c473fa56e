#include <algorithm>
#include <array>

#include "workflow/compile.h"

namespace harmonia::workflow {
namespace {

// The names of roots that one expression may use; views into what made them.
struct RootNames {
  std::vector<std::string> own;  // of the bodies around it
  std::vector<std::string_view> all;

  RootNames(const ExpressionSite& site, const DefinitionBuilder& builder)
      : own(builder.roots[site.body]),
        all(std::begin(expression_roots), std::end(expression_roots)) {
    if (!site.extra_root.empty()) own.push_back(site.extra_root);
    for (const std::string& name : own) all.push_back(name);
    if (site.place == ExpressionPlace::task_output) all.push_back("result");
    if (site.place == ExpressionPlace::event_filter) all.push_back("event");
    if (site.place == ExpressionPlace::webhook_input) all.push_back("callback");
  }
};

expr::CompileOptions options_for(const RootNames& names) {
  expr::CompileOptions options;
  options.roots = names.all;
  return options;
}

// tasks.fetch-all reads as a subtraction: what its author meant, if the text names such an id.
std::string hint_about_hyphens(std::string_view text, const DefinitionBuilder& builder) {
  for (std::string_view id : builder.hyphenated) {
    std::string written("tasks.");
    if (text.find(written.append(id)) == std::string_view::npos) continue;
    std::string hint("an id with '-' is written in brackets: tasks['");
    return hint.append(id).append("']");
  }
  return {};
}

struct FaultySite {
  std::string pointer;
  std::string_view text;  // the string with the expression
};

// Where a root exists that some places have and others not; "" for other names.
std::string_view home_of_root(std::string_view message) {
  using Home = std::pair<std::string_view, std::string_view>;
  constexpr auto homes = std::to_array<Home>({
      {"unknown name 'item'", "item exists within map, and within loops that have for_each"},
      {"unknown name 'index'",
       "index exists within map, and within loops that have for_each; other loops have loop.index"},
      {"'loop' is a reserved word", "loop exists in the tasks of a loop and in its conditions"},
      {"unknown name 'event'",
       "event exists in the filter of a task of type event; elsewhere "
       "what it received is the output of that task"},
      {"unknown name 'callback'", "callback exists in the input of a task of type webhook"},
      {"unknown name 'result'",
       "result exists in the `output` of a task; elsewhere it is "
       "tasks.ID.output"},
  });
  for (const auto& [unknown, home] : homes) {
    if (message == unknown) return home;
  }
  return {};
}

void report(const expr::CompileError& error, FaultySite site, DefinitionBuilder& builder) {
  std::string hint = builder.findings.full() ? "" : hint_about_hyphens(site.text, builder);
  if (hint.empty()) hint = home_of_root(error.message);
  builder.findings.add({.pointer = std::move(site.pointer),
                        .message = "in the expression: " + error.message,
                        .hint = hint.empty() ? error.hint : std::move(hint),
                        .spot = {.offset = error.range.offset}});
}

std::string_view string_at(const Json& source, std::string_view pointer) {
  const Json* found = find_pointer(source, pointer);
  return found != nullptr && found->is_string() ? text_view(found->get_string())
                                                : std::string_view{};
}

bool may_hold_secrets(ExpressionPlace place) {
  switch (place) {
    case ExpressionPlace::task_input:
    case ExpressionPlace::webhook_input: return true;
    case ExpressionPlace::task_output:
    case ExpressionPlace::condition:
    case ExpressionPlace::event_filter:
    case ExpressionPlace::task_values:
    case ExpressionPlace::workflow_output: return false;
  }
  return false;
}

void note_reference(const expr::Reference& reference, const ExpressionSite& site,
                    std::string pointer, DefinitionBuilder& builder) {
  if (reference.root == "env") builder.definition.uses_env = true;
  if (reference.root == "secret" && !may_hold_secrets(site.place)) {
    builder.findings.add({.pointer = std::move(pointer),
                          .message = "secrets may stand in a task's `input` only",
                          .hint = "they are resolved by the task's runner, never by the engine",
                          .spot = {.offset = reference.range.offset}});
    return;
  }
  const auto& places = builder.roots[site.body];
  bool of_place = std::find(places.begin(), places.end(), reference.root) != places.end();
  // Any task, which `references` below can't say.
  bool names_any = reference.root == "tasks" && reference.path.empty();
  if (of_place || names_any) {
    builder.place_references.push_back(
        {.body = site.body, .pointer = pointer, .root = reference.root});
  }
  bool names_task = reference.root == "tasks" && !reference.path.empty();
  if (!names_task) return;
  builder.references.push_back({.from = site.task,
                                .body = site.body,
                                .place = site.place,
                                .pointer = std::move(pointer),
                                .offset = reference.range.offset,
                                .path = reference.path});
}

}  // namespace

std::optional<expr::Template> compile_value(const Json& source, const ExpressionSite& site,
                                            DefinitionBuilder& builder) {
  RootNames names(site, builder);
  auto compiled = expr::compile_template(source, options_for(names));
  for (const expr::TemplateError& error : compiled.errors) {
    report(error.error, {site.pointer + error.pointer, string_at(source, error.pointer)}, builder);
  }
  if (!compiled.value) return std::nullopt;
  std::size_t references_begin = builder.references.size();
  for (const expr::TemplateReference& found : compiled.value->references()) {
    note_reference(found.reference, site, site.pointer + found.pointer, builder);
  }
  if (compiled.value->is_constant()) return std::move(compiled.value);
  builder.expressions.push_back({.site = site,
                                 .code = *compiled.value,
                                 .references_begin = references_begin,
                                 .references_end = builder.references.size()});
  return std::move(compiled.value);
}

std::optional<expr::Program> compile_condition(const Json& source, const ExpressionSite& site,
                                               DefinitionBuilder& builder) {
  std::string text;
  if (source.is_bool()) {
    text = source.get_bool() ? "true" : "false";
  } else if (source.is_string()) {
    text = text_view(source.get_string());
  } else {
    builder.findings.error(
        site.pointer,
        "a condition must be an expression, not " + std::string(describe_type(source)),
        "write it as text, such as ${input.amount > 100}");
    return std::nullopt;
  }
  RootNames names(site, builder);
  auto compiled = expr::compile_condition(text, options_for(names));
  for (const expr::CompileError& error : compiled.errors)
    report(error, {site.pointer, text}, builder);
  if (!compiled.program) return std::nullopt;
  if (compiled.program->is_constant() && !site.is_repeated) {
    builder.findings.warning(site.pointer,
                             "this condition is constant: it names nothing that could vary",
                             "remove it, or name input or tasks in it");
  }
  // References count from the start of the expression, which ${ may precede.
  std::size_t start = text.find(compiled.program->source());
  if (start == std::string::npos) start = 0;
  std::size_t references_begin = builder.references.size();
  for (expr::Reference reference : compiled.program->references()) {
    reference.range.offset += start;
    note_reference(reference, site, site.pointer, builder);
  }
  builder.expressions.push_back({.site = site,
                                 .code = *compiled.program,
                                 .start = start,
                                 .references_begin = references_begin,
                                 .references_end = builder.references.size()});
  return std::move(compiled.program);
}

}  // namespace harmonia::workflow
