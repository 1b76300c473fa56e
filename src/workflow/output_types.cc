#include "workflow/definition_types.h"
#include "workflow/schema_types.h"

// What tasks give and what the roots are; the engine's side of it stands in
// execution/activation.cc, execution/state.cc (composite_output) and execution/waiting.cc.
namespace harmonia::workflow {
namespace {

using expr::FieldType;
using expr::ObjectType;
using expr::Type;

Type closed_object(std::initializer_list<std::pair<const std::string, FieldType>> fields) {
  ObjectType object;
  object.closed = true;
  object.fields.insert(fields);
  return object_type(std::move(object));
}

FieldType certain(Type type) { return {.type = std::move(type), .required = true}; }
FieldType possible(Type type) { return {.type = std::move(type), .required = false}; }

Type or_null(const Type& type) { return either(type, expr::null_type()); }

Type error_type() {
  return closed_object({{"code", certain(expr::string_type())},
                        {"message", certain(expr::string_type())},
                        {"task", certain(expr::string_type())}});
}

// One item of a list; {key, value} of a map, which becomes a list.
Type item_of(const Type& items) {
  Type item = expr::type_of_kinds(0);
  if (items.may_be(Type::list_bit)) item = items.item ? *items.item : expr::json_type();
  if (!items.may_be(Type::map_bit)) return item;
  Type value = expr::json_type();
  if (items.object && items.object->closed) {
    value = expr::type_of_kinds(0);
    for (const auto& [_, field] : items.object->fields) value = either(value, field.type);
  } else if (items.object && items.object->fields.empty()) {
    value = items.object->others;
  }
  Type pair =
      closed_object({{"key", certain(expr::string_type())}, {"value", certain(std::move(value))}});
  return either(item, pair);
}

Type approval_output() {
  return closed_object({{"approved", certain(expr::bool_type())},
                        {"decided_by", certain(expr::string_type())},
                        {"comment", certain(expr::string_type())},
                        {"decided_at", certain(expr::string_type())},
                        {"data", certain(expr::json_type())}});
}

Type event_output(const EventWait& wait) {
  Type one = expr::json_type();
  Type output = wait.count > 1 ? list_type(one) : one;
  return wait.on_timeout == OnTimeout::proceed ? or_null(output) : output;
}

}  // namespace

// Without the task's own mapping.
Type DefinitionTypes::raw_output(TaskNumber number) {
  const Task& task = definition_.tasks[number];
  switch (task.type) {
    case TaskType::standard: {
      const auto* component = actions_ == nullptr ? nullptr : actions_->find(task.component);
      const auto* action = component == nullptr ? nullptr : component->find(task.action);
      return action == nullptr ? expr::json_type() : action->output_type;
    }
    case TaskType::set: return task.values ? type_of(*task.values) : expr::json_type();
    case TaskType::wait: return closed_object({{"waited_until", certain(expr::string_type())}});
    case TaskType::join: return closed_object({});
    case TaskType::decision:
      return closed_object({{"chosen", certain(list_type(expr::string_type()))}});
    case TaskType::event: {
      const auto* wait = std::get_if<EventWait>(&task.structure);
      return wait == nullptr ? expr::json_type() : event_output(*wait);
    }
    case TaskType::approval: return approval_output();
    case TaskType::parallel:
    case TaskType::loop:
    case TaskType::map:
    case TaskType::try_block:
    case TaskType::critical: return composite_output(task);
    case TaskType::fail:
    case TaskType::terminate:
    case TaskType::subworkflow:
    case TaskType::webhook: return expr::json_type();
  }
  return expr::json_type();
}

Type DefinitionTypes::composite_output(const Task& task) {
  if (const auto* parallel = std::get_if<Parallel>(&task.structure)) {
    ObjectType outputs;
    outputs.closed = true;
    for (const Branch& branch : parallel->branches)
      outputs.fields.emplace(branch.name, possible(result_of(branch.body)));
    return object_type(std::move(outputs));
  }
  if (const auto* loop = std::get_if<Loop>(&task.structure)) {
    Type last = or_null(iteration_result(loop->body, loop->collect));
    ObjectType output;
    output.closed = true;
    output.fields.emplace("iterations", certain(expr::int_type()));
    output.fields.emplace("last", certain(last));
    if (loop->collect) output.fields.emplace("results", certain(list_type(last)));
    return object_type(std::move(output));
  }
  if (const auto* map = std::get_if<Map>(&task.structure))
    return list_type(or_null(iteration_result(map->body, map->collect)));
  if (const auto* block = std::get_if<Try>(&task.structure)) return or_null(result_of(block->body));
  if (const auto* critical = std::get_if<Critical>(&task.structure))
    return or_null(result_of(critical->body));
  return expr::json_type();
}

// As others see it: mapped, or given by the clause that caught a failure.
Type DefinitionTypes::output_of(TaskNumber number) {
  const Task& task = definition_.tasks[number];
  // An operator may complete the task with any output.
  if (task.on_error == OnError::incident) return expr::json_type();
  Type output = task.output ? type_of(*task.output) : raw_outputs_[number];
  for (const Catch& clause : task.catches)
    output = either(output, clause.body ? result_of(*clause.body) : expr::null_type());
  return output;
}

// Of a body that came to its end: the output of its last task, or of all of them by id.
Type DefinitionTypes::result_of(BodyNumber number) const {
  const Body& body = definition_.bodies[number];
  if (!body.owner) return expr::json_type();  // the body could not be read
  ObjectType outputs;
  outputs.closed = true;
  for (TaskNumber task : body.tasks) {
    if (definition_.tasks[task].dependents.empty())
      outputs.fields.emplace(definition_.tasks[task].id, possible(outputs_[task]));
  }
  if (outputs.fields.size() == 1) return or_null(outputs.fields.begin()->second.type);
  return object_type(std::move(outputs));
}

Type DefinitionTypes::iteration_result(BodyNumber body,
                                       const std::optional<expr::Template>& collect) {
  return collect ? type_of(*collect) : result_of(body);
}

DefinitionTypes::RootTypes DefinitionTypes::item_roots(const Type& items,
                                                       const std::string& as) const {
  RootTypes roots = {{"item", items}, {"index", expr::int_type()}};
  if (!as.empty()) roots.emplace_back(as, items);
  return roots;
}

// The roots that the owner of a body adds to it.
void DefinitionTypes::enter_body(BodyNumber number) {
  const Body& body = definition_.bodies[number];
  const Task& owner = definition_.tasks[*body.owner];
  RootTypes& roots = own_roots_[number];
  if (body.role == BodyRole::handler) {
    for (const Catch& clause : owner.catches) {
      if (clause.body == number && !clause.as.empty()) roots.emplace_back(clause.as, error_type());
    }
  }
  if (body.role != BodyRole::work) return;
  if (const auto* map = std::get_if<Map>(&owner.structure)) {
    Type item = map->items ? item_of(type_of(*map->items)) : expr::json_type();
    roots = item_roots(map->batch_size > 0 ? list_type(item) : item, map->as);
  }
  const auto* loop = std::get_if<Loop>(&owner.structure);
  if (loop == nullptr) return;
  roots.emplace_back("loop", closed_object({{"index", certain(expr::int_type())},
                                            {"iteration", certain(expr::int_type())},
                                            {"last", certain(expr::json_type())}}));
  if (loop->kind != LoopKind::for_each) return;
  Type item = loop->items ? item_of(type_of(*loop->items)) : expr::json_type();
  for (auto& root : item_roots(item, loop->as)) roots.push_back(std::move(root));
}

// `tasks.ID`: its state, and the members of its output unless they are called the same.
Type DefinitionTypes::task_type(TaskNumber number) const {
  if (task_types_[number]) return *task_types_[number];
  const Type& output = visited_[number] ? outputs_[number] : expr::json_type();
  ObjectType task;
  task.fields = {{"output", possible(output)},
                 {"status", certain(expr::string_type())},
                 {"attempt", certain(expr::int_type())},
                 {"started_at", possible(expr::string_type())},
                 {"ended_at", possible(expr::string_type())},
                 {"error", possible(error_type())}};
  task.closed = !output.may_be(Type::map_bit);
  task.others = expr::json_type();
  if (output.may_be(Type::map_bit) && output.object) {
    task.closed = output.object->closed;
    task.others = output.object->others;
    for (const auto& [name, field] : output.object->fields)
      task.fields.emplace(name, possible(field.type));
  }
  Type type = object_type(std::move(task));
  if (visited_[number]) task_types_[number] = type;
  return type;
}

// In the order in which the engine looks for them.
Type DefinitionTypes::root(std::string_view name, const ExpressionSite& site,
                           const PlacedExpression* expression) const {
  if (name == "input") return input_;
  if (name == "tasks")
    return expression == nullptr ? expr::dyn_type() : tasks_named_in(*expression);
  if (name == "env" || name == "secret") return map_type(expr::string_type());
  if (name == "workflow") {
    return closed_object({{"id", certain(expr::string_type())},
                          {"name", certain(expr::string_type())},
                          {"version", certain(expr::string_type())},
                          {"revision", certain(expr::int_type())}});
  }
  if (name == "execution") {
    return closed_object(
        {{"id", certain(expr::string_type())}, {"started_at", certain(expr::string_type())}});
  }
  if (name == "result" && site.place == ExpressionPlace::task_output && site.task)
    return raw_outputs_[*site.task];
  if (name == "event" && site.place == ExpressionPlace::event_filter) return expr::json_type();
  if (name == "callback") {
    bool exists = site.place == ExpressionPlace::webhook_input;
    return exists ? closed_object({{"url", certain(expr::string_type())}}) : expr::dyn_type();
  }
  bool is_error = name == "error" || (!site.extra_root.empty() && name == site.extra_root);
  if (is_error) return error_type();
  for (std::optional<BodyNumber> at = site.body; at;) {
    for (const auto& [known, type] : own_roots_[*at]) {
      if (known == name) return type;
    }
    auto owner = definition_.bodies[*at].owner;
    at = owner ? std::optional(definition_.tasks[*owner].body) : std::nullopt;
  }
  return expr::dyn_type();
}

}  // namespace harmonia::workflow
