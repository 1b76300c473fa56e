#include "workflow/step_graph.h"

// Dialect 5: a state machine of steps. Each step becomes a task that depends on the steps with
// transitions to it; a choice between transitions becomes a decision.
namespace harmonia::workflow {
namespace {

// The tasks of some of the steps, with their order.
class BodyWriter {
 public:
  BodyWriter(NormaliseContext& context, const StepGraph& graph, std::vector<bool> members,
             TasksPlace place)
      : context_(context), graph_(graph), members_(std::move(members)), place_(std::move(place)) {}

  JsonObject run() {
    for (std::size_t number = 0; number < graph_.steps.size(); ++number) {
      if (!is_task(number)) continue;
      const Step& step = graph_.steps[number];
      FieldSet task = translate_step(context_, step, place_.canonical);
      tasks_.emplace(step.id, std::move(task.fields));
    }
    for (std::size_t number = 0; number < graph_.steps.size(); ++number) {
      if (is_task(number)) connect(number);
    }
    return std::move(tasks_);
  }

 private:
  // A start that only starts and an end that only ends need no task.
  bool is_task(std::size_t number) const {
    const Step& step = graph_.steps[number];
    if (!members_[number] || step.is("end")) return false;
    if (!step.is("start")) return true;
    return std::any_of(step.out.begin(), step.out.end(), [&](const Transition& transition) {
      return !transition.condition.is_null() || graph_.steps[transition.to].before.size() > 1;
    });
  }

  JsonObject& task(std::string_view id) { return tasks_[json_view(id)].get_object(); }
  std::string pointer_of(std::string_view id) const { return child_pointer(place_.canonical, id); }

  void connect(std::size_t number) {
    const Step& step = graph_.steps[number];
    bool has_condition = std::any_of(step.out.begin(), step.out.end(), [](const Transition& one) {
      return !one.condition.is_null();
    });
    if (step.is("decision")) {
      write_cases(step, step.id);
    } else if (!has_condition) {
      for (const Transition& transition : step.out) depend(transition.to, step.id, transition);
    } else if (step.out.size() == 1 && graph_.steps[step.out.front().to].before.size() == 1) {
      write_when(step);
    } else {
      std::string id = fresh_id(step.id + "_next");
      tasks_.emplace(
          id, JsonObject{{"type", "decision"}, {"depends_on", JsonArray{json_view(step.id)}}});
      context_.out.pointers.note(pointer_of(id), child_pointer(step.original, "transitions"));
      write_cases(step, id);
      context_.tell("transitions with conditions became tasks of type decision: " + id);
    }
    std::size_t before = count_tasks(step.before);
    bool joins = before > 1 && !step.is("join");
    if (joins && task(step.id).emplace("join", "any_success").second) {
      context_.tell(
          "steps that several transitions lead to start with the first of them (join: "
          "any_success)");
    }
  }

  std::size_t count_tasks(const std::vector<std::size_t>& steps) const {
    return static_cast<std::size_t>(std::count_if(
        steps.begin(), steps.end(), [&](std::size_t number) { return is_task(number); }));
  }

  std::string fresh_id(std::string id) const {
    while (graph_.by_id.contains(id) || tasks_.contains(json_view(id))) id += '_';
    return id;
  }

  void depend(std::size_t to, std::string_view predecessor, const Transition& transition) {
    if (!is_task(to)) return;
    const std::string& id = graph_.steps[to].id;
    auto [list, is_new] = task(id).emplace("depends_on", JsonArray());
    if (!list->value().is_array()) return;
    JsonArray& names = list->value().get_array();
    Json name = json_view(predecessor);
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    std::string pointer = child_pointer(pointer_of(id), "depends_on");
    context_.out.pointers.note(child_pointer(pointer, std::to_string(names.size())),
                               transition.original);
    names.push_back(std::move(name));
  }

  void write_when(const Step& step) {
    const Transition& transition = step.out.front();
    depend(transition.to, step.id, transition);
    if (!is_task(transition.to)) return;
    const std::string& id = graph_.steps[transition.to].id;
    if (!task(id).emplace("when", transition.condition).second) {
      context_.findings.error(transition.original,
                              "the step '" + id + "' has a `when` besides this condition");
      return;
    }
    context_.out.pointers.note(child_pointer(pointer_of(id), "when"),
                               child_pointer(transition.original, "condition"));
    context_.tell("the condition of a single transition became `when` of its step");
  }

  // A decision chooses its targets for good, so one with further predecessors is chosen through a
  // point between them.
  std::string chosen(std::string_view decision, const Transition& transition) {
    const Step& target = graph_.steps[transition.to];
    if (target.before.size() <= 1) return target.id;
    std::string& via = points_[{std::string(decision), target.id}];
    if (via.empty()) {
      via = fresh_id(std::string(decision) + "_to_" + target.id);
      tasks_.emplace(via, JsonObject{{"type", "join"}});
      context_.out.pointers.note(pointer_of(via), transition.original);
      depend(transition.to, via, transition);
    }
    return via;
  }

  void write_cases(const Step& step, const std::string& decision) {
    JsonArray cases;
    JsonArray otherwise;
    bool has_default = false;
    for (const Transition& transition : step.out) {
      JsonArray next;
      if (is_task(transition.to)) next.push_back(Json(json_view(chosen(decision, transition))));
      if (transition.condition.is_null()) {
        has_default = true;
        otherwise.insert(otherwise.end(), next.begin(), next.end());
        continue;
      }
      if (has_default) {
        context_.findings.error(transition.original,
                                "this transition is never taken: one without condition stands "
                                "before it",
                                "put the transition without condition last");
        continue;
      }
      JsonObject one{{"when", transition.condition}};
      if (!next.empty()) one["next"] = std::move(next);
      std::string pointer =
          child_pointer(child_pointer(pointer_of(decision), "cases"), std::to_string(cases.size()));
      context_.out.pointers.note(child_pointer(pointer, "when"),
                                 child_pointer(transition.original, "condition"));
      context_.out.pointers.note(std::move(pointer), transition.original);
      cases.push_back(std::move(one));
    }
    JsonObject& fields = task(decision);
    fields["cases"] = std::move(cases);
    if (has_default) fields["default"] = JsonObject{{"next", std::move(otherwise)}};
  }

  NormaliseContext& context_;
  const StepGraph& graph_;
  std::vector<bool> members_;
  TasksPlace place_;
  JsonObject tasks_;
  std::map<std::pair<std::string, std::string>, std::string> points_;  // by decision and target
};

// What each step belongs to: the workflow, or what handles an error.
class Translation {
 public:
  Translation(NormaliseContext& context, const StepGraph& graph)
      : context_(context), graph_(graph), main_(graph.reachable(starts())) {}

  bool run(FieldSet& workflow) {
    check_members();
    refuse_what_ends_say();
    if (!good_) return false;
    JsonObject tasks =
        BodyWriter(context_, graph_, main_, {.canonical = "/tasks", .original = "/steps"}).run();
    for (const auto& [step, handlers] : graph_.step_handlers) write_catch(tasks, step, handlers);
    workflow.put("tasks", std::move(tasks));
    write_on_failure(workflow);
    context_.tell("steps became tasks; transitions became dependencies");
    return true;
  }

 private:
  std::vector<ErrorHandler> all_handlers() const {
    std::vector<ErrorHandler> all = graph_.handlers;
    for (const auto& [step, handlers] : graph_.step_handlers)
      all.insert(all.end(), handlers.begin(), handlers.end());
    return all;
  }

  // Steps of type start; without any, the steps no transition leads to.
  std::vector<std::size_t> starts() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < graph_.steps.size(); ++i)
      if (graph_.steps[i].is("start")) found.push_back(i);
    if (!found.empty()) return found;
    auto handlers = all_handlers();
    for (std::size_t i = 0; i < graph_.steps.size(); ++i) {
      bool handles = std::any_of(handlers.begin(), handlers.end(),
                                 [&](const ErrorHandler& one) { return one.step == i; });
      if (graph_.steps[i].before.empty() && !handles) found.push_back(i);
    }
    return found;
  }

  bool is_work(std::size_t step) const { return !graph_.steps[step].is("end"); }

  void check_members() {
    std::vector<bool> handled(graph_.steps.size());
    for (const ErrorHandler& handler : all_handlers()) {
      const Step& first = graph_.steps[handler.step];
      if (first.is("start") || first.is("end")) {
        good_ = false;
        context_.findings.error(handler.original,
                                "a step of type " + first.type + " handles nothing");
      }
      std::vector<bool> reached = graph_.reachable({handler.step});
      for (std::size_t i = 0; i < reached.size(); ++i) {
        if (!reached[i]) continue;
        handled[i] = true;
        if (main_[i] && is_work(i)) refuse_return(handler, i);
      }
    }
    for (std::size_t i = 0; i < graph_.steps.size(); ++i) {
      if (main_[i] || handled[i]) continue;
      good_ = false;
      context_.findings.error(graph_.steps[i].original,
                              "no transition leads to the step '" + graph_.steps[i].id + "'",
                              "a task without predecessors would start at once; remove the step or "
                              "lead to it");
    }
  }

  void refuse_return(const ErrorHandler& handler, std::size_t step) {
    good_ = false;
    context_.findings.error(
        handler.original,
        "the handler '" + graph_.steps[handler.step].id + "' goes on with '" +
            graph_.steps[step].id + "', which is part of the ordinary flow",
        "a handler ends by itself; what goes on in spite of an error is a `catch` of the task");
  }

  void refuse_what_ends_say() {
    constexpr auto known = std::to_array<std::string_view>({"id", "type", "name", "description"});
    for (const Step& step : graph_.steps) {
      if (!step.is("end") && !step.is("start")) continue;
      for (const auto& member : step.source) {
        std::string_view name = text_view(member.key());
        if (fields::contains(known, name)) continue;
        good_ = false;
        context_.findings.error_at_key(
            child_pointer(step.original, name),
            "'" + std::string(name) + "' of a step of type " + step.type + " has no translation",
            "a run fails by a task of type fail, and gives what `output` of the workflow says");
      }
    }
  }

  JsonObject handler_tasks(const ErrorHandler& handler, const std::string& canonical) {
    return BodyWriter(context_, graph_, graph_.reachable({handler.step}),
                      {.canonical = canonical, .original = handler.original})
        .run();
  }

  void write_catch(JsonObject& tasks, std::size_t step, const std::vector<ErrorHandler>& handlers) {
    Json* found = tasks.if_contains(json_view(graph_.steps[step].id));
    if (found == nullptr || handlers.empty()) return;
    std::string pointer = child_pointer(child_pointer("/tasks", graph_.steps[step].id), "catch");
    JsonArray clauses;
    for (const ErrorHandler& handler : handlers) {
      std::string at = child_pointer(pointer, std::to_string(clauses.size()));
      JsonObject clause;
      if (!handler.error_type.empty())
        clause["errors"] = JsonArray{Json(json_view(handler.error_type))};
      clause["do"] = handler_tasks(handler, child_pointer(at, "do"));
      clauses.push_back(std::move(clause));
    }
    found->get_object()["catch"] = std::move(clauses);
    context_.tell("`error_handlers` of steps became `catch`");
  }

  // error.code == 'timeout', for a class of HTTP statuses by its prefix.
  static std::string code_matches(std::string_view pattern) {
    if (pattern.starts_with("http_") && pattern.ends_with("xx")) {
      std::string prefix(pattern.substr(0, pattern.size() - 2));
      return "error.code.startsWith('" + prefix + "')";
    }
    return "error.code == " + to_cel_literal(Json(json_view(pattern)));
  }

  void write_on_failure(FieldSet& workflow) {
    if (graph_.handlers.empty()) return;
    JsonObject body;
    std::map<std::string, std::string> conditions;  // of the first step of each handler
    for (const ErrorHandler& handler : graph_.handlers) {
      const std::string& id = graph_.steps[handler.step].id;
      bool for_all = handler.error_type.empty();
      std::string condition = for_all ? "" : code_matches(handler.error_type);
      auto [known, is_new] = conditions.emplace(id, condition);
      if (!is_new && !known->second.empty()) {
        known->second = for_all ? "" : known->second + " || " + condition;
        continue;
      }
      for (auto& task : handler_tasks(handler, "/on_failure"))
        body.emplace(task.key(), std::move(task.value()));
    }
    for (const auto& [id, condition] : conditions) {
      if (!condition.empty()) body[id].get_object()["when"] = json_view("${" + condition + "}");
    }
    workflow.put("on_failure", std::move(body));
    context_.tell("`error_handlers` became `on_failure`: the run fails all the same, after them");
  }

  NormaliseContext& context_;
  const StepGraph& graph_;
  std::vector<bool> main_;
  bool good_ = true;
};

}  // namespace

bool translate_steps(NormaliseContext& context, FieldSet& workflow) {
  if (workflow.has("tasks")) {
    context.findings.error_at_key(original_of(context, workflow, "steps"),
                                  "'steps' and 'tasks' are both given", "keep one of them");
    return false;
  }
  auto graph = read_steps(context, workflow);
  return graph && Translation(context, *graph).run(workflow);
}

}  // namespace harmonia::workflow
