#include <algorithm>

#include "base/utf8.h"
#include "workflow/definition_types.h"
#include "workflow/schema_types.h"

// What becomes of the values of expressions: inputs of components, times, lists to go through.
namespace harmonia::workflow {
namespace {

using expr::Type;

class TypeCheck {
 public:
  TypeCheck(DefinitionBuilder& builder, const ActionTypes* actions)
      : builder_(builder), actions_(actions), types_(builder, actions) {}

  void run() {
    types_.check();
    const auto& tasks = builder_.definition.tasks;
    for (number_ = 0; number_ < tasks.size(); ++number_) {
      if (builder_.findings.full()) return;
      check_fields(tasks[number_]);
      check_structure(tasks[number_]);
      bool is_work =
          tasks[number_].type == TaskType::standard || tasks[number_].type == TaskType::webhook;
      if (actions_ != nullptr && is_work) check_work(tasks[number_]);
    }
    check_output();
  }

 private:
  std::string pointer_to(std::string_view field) const {
    return child_pointer(builder_.pointers[number_], field);
  }

  // `wanted` in words: "a list". Literals are checked where they are read.
  void expect(const std::optional<expr::Template>& value, std::string_view field, unsigned kinds,
              std::string_view wanted) {
    if (!value || value->is_constant()) return;
    Type type = types_.type_of(*value);
    if (type.kinds == 0 || type.may_be(kinds)) return;
    std::string message(field);
    message.append(" must be ").append(wanted).append(", but is ").append(describe(type));
    builder_.findings.error(pointer_to(field), std::move(message));
  }

  void check_fields(const Task& task) {
    constexpr unsigned times = Type::number_bits | Type::string_bit;
    expect(task.duration, "duration", times, "a number of seconds or an ISO 8601 text");
    expect(task.until, "until", Type::string_bit, "an RFC 3339 time as text");
  }

  void check_structure(const Task& task) {
    constexpr unsigned lists = Type::list_bit | Type::map_bit;
    constexpr unsigned texts = Type::string_bit | Type::number_bits;
    if (const auto* map = std::get_if<Map>(&task.structure))
      expect(map->items, "items", lists, "a list or an object");
    if (const auto* wait = std::get_if<EventWait>(&task.structure)) {
      expect(wait->name, "event", texts, "text");
      expect(wait->correlation, "correlation", texts, "text");
    }
    if (const auto* approval = std::get_if<Approval>(&task.structure)) {
      expect(approval->title, "title", texts, "text");
      expect(approval->assignees, "assignees", Type::list_bit | Type::string_bit,
             "a list of names");
    }
    const auto* loop = std::get_if<Loop>(&task.structure);
    if (loop == nullptr) return;
    expect(loop->items, "for_each", lists, "a list or an object");
    expect(loop->times, "times", Type::number_bits, "a whole number");
    expect(loop->delay, "delay", texts, "a number of seconds or an ISO 8601 text");
  }

  void check_work(const Task& task) {
    const auto* component = actions_->find(task.component);
    if (component == nullptr) return;
    const auto* action = component->find(task.action);
    if (action == nullptr) return unknown_action(task, *component);
    if (!component->takes_secrets) warn_of_secrets(task);
    if (action->input) check_input(task, *action);
  }

  void unknown_action(const Task& task, const ActionTypes::Component& component) {
    std::vector<std::string_view> names;
    std::string known;
    for (const auto& action : component.actions) {
      names.push_back(action.name);
      known += (known.empty() ? "" : ", ") + action.name;
    }
    if (task.action.empty()) {
      return builder_.findings.warning(builder_.pointers[number_],
                                       "the component '" + task.component + "' needs an action",
                                       "it has " + known);
    }
    std::string hint = did_you_mean(nearest_name(task.action, names));
    builder_.findings.warning(pointer_to("action"),
                              "the component '" + task.component + "' has no action '" +
                                  utf8_prefix(task.action, 80) + "'",
                              hint.empty() ? "it has " + known : std::move(hint));
  }

  void warn_of_secrets(const Task& task) {
    if (!task.input) return;
    for (const expr::TemplateReference& found : task.input->references()) {
      if (found.reference.root != "secret") continue;
      builder_.findings.add(
          {.pointer = pointer_to("input") + found.pointer,
           .message =
               "the component '" + task.component +
               "' gets no secrets, because its output repeats its input: the name stays text",
           .hint = "give the secret to a component that sends it, such as http",
           .severity = Severity::warning,
           .spot = {.offset = found.reference.range.offset}});
    }
  }

  void check_input(const Task& task, const ActionTypes::Action& action) {
    const Json none = JsonObject{};
    const Json& source = task.input ? task.input->source() : none;
    if (!source.is_object()) return;
    std::string pointer = task.input ? pointer_to("input") : builder_.pointers[number_];
    std::string of = " (" + task.component + "." + action.name + ")";
    bool is_constant = !task.input || task.input->is_constant();
    if (is_constant) return check_literal(source, *action.input, pointer, of);
    Type type = types_.type_of(*task.input);
    auto misfits = find_misfits(source, type, action.input_type);
    for (const Misfit& misfit : misfits) add(misfit, pointer, "input", of);
    check_literal_members(*task.input, action, misfits, of);
  }

  // What does not fit by its kind is told already.
  void check_literal_members(const expr::Template& input, const ActionTypes::Action& action,
                             const std::vector<Misfit>& misfits, const std::string& of) {
    for (const auto& member : input.source().get_object()) {
      auto schema = action.members.find(text_view(member.key()));
      if (schema == action.members.end()) continue;
      std::string inner = child_pointer("", text_view(member.key()));
      auto is_inside = [&inner](std::string_view pointer) {
        return pointer == inner || pointer.starts_with(inner + "/");
      };
      bool told = std::any_of(misfits.begin(), misfits.end(),
                              [&](const Misfit& misfit) { return is_inside(misfit.pointer); });
      const auto& references = input.references();
      bool varies = std::any_of(references.begin(), references.end(),
                                [&](const auto& found) { return is_inside(found.pointer); });
      if (!told && !varies && !holds_expression(member.value()))
        check_literal(member.value(), schema->second, pointer_to("input") + inner, of);
    }
  }

  // Also expressions without references, such as ${1 + 1}.
  static bool holds_expression(const Json& value) {
    if (value.is_string()) return value.get_string().find("${") != std::string_view::npos;
    if (const auto* list = value.if_array())
      return std::any_of(list->begin(), list->end(), holds_expression);
    const auto* object = value.if_object();
    return object != nullptr && std::any_of(object->begin(), object->end(), [](const auto& member) {
             return holds_expression(member.value());
           });
  }

  void check_literal(const Json& value, const JsonSchema& schema, const std::string& pointer,
                     const std::string& of) {
    constexpr std::size_t problems_max = 20;
    for (const Problem& problem : schema.validate(value, problems_max))
      builder_.findings.error(pointer + problem.pointer, "in the input: " + problem.message + of);
  }

  void add(const Misfit& misfit, const std::string& pointer, std::string_view what,
           const std::string& of) {
    std::string message = "in the ";
    message.append(what).append(": ").append(misfit.message).append(of);
    builder_.findings.add({.pointer = pointer + misfit.pointer,
                           .message = std::move(message),
                           .hint = misfit.hint,
                           .spot = {.at_key = misfit.at_key}});
  }

  void check_output() {
    const Definition& definition = builder_.definition;
    if (!definition.output || !definition.output_schema) return;
    Type wanted = type_of_schema(definition.output_schema->source());
    Type type = types_.type_of(*definition.output);
    for (const Misfit& misfit : find_misfits(definition.output->source(), type, wanted))
      add(misfit, "/output", "output", " (output_schema)");
  }

  DefinitionBuilder& builder_;
  const ActionTypes* actions_;
  DefinitionTypes types_;
  TaskNumber number_ = 0;  // of the task that is looked at
};

}  // namespace

void check_definition_types(DefinitionBuilder& builder, const ActionTypes* actions) {
  TypeCheck(builder, actions).run();
}

}  // namespace harmonia::workflow
