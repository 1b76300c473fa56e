#include "workflow/step_graph.h"

#include "base/utf8.h"

namespace harmonia::workflow {
namespace {

constexpr auto step_types = std::to_array<std::string_view>(
    {"start", "action", "decision", "fork", "join", "wait", "end", "notification", "http_request"});
constexpr auto transition_fields =
    std::to_array<std::string_view>({"to", "target", "condition", "automatic", "name"});

bool is_step_field(std::string_view name) {
  constexpr auto of_steps = std::to_array<std::string_view>(
      {"retry", "transitions", "branches", "sources", "join_type", "wait_for", "error_handlers",
       "parameters", "timeout_ms", "timeout_seconds", "timeout_minutes", "timeout_hours"});
  return is_task_field(name) || fields::contains(of_steps, name);
}

void drop(JsonObject& object, std::string_view name) {
  auto found = object.find(json_view(name));
  if (found != object.end()) object.stable_erase(found);
}

class Reader {
 public:
  explicit Reader(NormaliseContext& context) : context_(context) {}

  bool read(const Json& steps, const std::string& original) {
    if (!steps.is_array()) return fault(original, "steps must be a list");
    std::size_t index = 0;
    for (const Json& step : steps.get_array())
      add(step, child_pointer(original, std::to_string(index++)));
    for (std::size_t step = 0; step < graph_.steps.size(); ++step) connect(step);
    for (std::size_t step = 0; step < graph_.steps.size(); ++step) {
      const Json* handlers = graph_.steps[step].source.if_contains("error_handlers");
      if (handlers == nullptr) continue;
      graph_.step_handlers[step] =
          read_handlers(*handlers, child_pointer(graph_.steps[step].original, "error_handlers"));
      drop(graph_.steps[step].source, "error_handlers");
    }
    for (Step& step : graph_.steps) note_predecessors(step);
    if (good_) refuse_circles();
    return good_;
  }

  std::vector<ErrorHandler> read_handlers(const Json& list, const std::string& original) {
    std::vector<ErrorHandler> handlers;
    if (!list.is_array()) {
      fault(original, "error_handlers must be a list");
      return handlers;
    }
    std::size_t index = 0;
    for (const Json& item : list.get_array()) {
      std::string place = child_pointer(original, std::to_string(index++));
      if (!item.is_object()) {
        fault(place, "an error handler is an object with error_type and handler_step");
        continue;
      }
      FieldSet fields = rename_fields(
          context_, item.get_object(), {.fields = {}, .canonical = place, .original = place},
          [](std::string_view name) { return name == "error_type" || name == "handler_step"; });
      refuse_others(fields.fields, {"error_type", "handler_step"}, place);
      auto step =
          resolve(get_string(fields.fields, "handler_step"), child_pointer(place, "handler_step"));
      if (!step) continue;
      handlers.push_back({.error_type = error_pattern(get_string(fields.fields, "error_type")),
                          .step = *step,
                          .original = child_pointer(place, "handler_step")});
    }
    return handlers;
  }

  StepGraph take() { return std::move(graph_); }
  StepGraph& graph() { return graph_; }
  bool good() const { return good_; }

 private:
  bool fault(std::string place, std::string message, std::string hint = {}) {
    context_.findings.error(std::move(place), std::move(message), std::move(hint));
    good_ = false;
    return false;
  }

  void refuse_others(const JsonObject& object, std::span<const std::string_view> known,
                     const std::string& place) {
    for (const auto& member : object) {
      std::string_view name = text_view(member.key());
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      fault(child_pointer(place, name), "'" + std::string(name) + "' has no translation here",
            did_you_mean(nearest_name(name, known)));
    }
  }
  void refuse_others(const JsonObject& object, std::initializer_list<std::string_view> known,
                     const std::string& place) {
    refuse_others(object, std::span(known.begin(), known.size()), place);
  }

  void add(const Json& source, std::string place) {
    if (!source.is_object()) {
      fault(std::move(place), "a step is an object");
      return;
    }
    Step step{.id = get_string(source.get_object(), "id"),
              .type = get_string(source.get_object(), "type", "action"),
              .source = {},
              .original = place,
              .out = {},
              .before = {}};
    if (step.id.empty()) {
      fault(place, "a step needs an id");
      return;
    }
    FieldSet fields{.fields = {}, .canonical = child_pointer("/tasks", step.id), .original = place};
    step.source =
        rename_fields(context_, source.get_object(), std::move(fields), is_step_field).fields;
    if (!fields::contains(step_types, step.type)) {
      fault(child_pointer(place, "type"), "'" + utf8_prefix(step.type, 80) + "' is no type of step",
            "known are start, action, decision, fork, join, wait, end, notification and "
            "http_request");
    }
    if (!graph_.by_id.emplace(step.id, graph_.steps.size()).second) {
      fault(place, "two steps have the id '" + step.id + "'");
      return;
    }
    graph_.steps.push_back(std::move(step));
  }

  std::optional<std::size_t> resolve(const std::string& id, std::string place) {
    auto found = graph_.by_id.find(id);
    if (found != graph_.by_id.end()) return found->second;
    std::vector<std::string_view> known;
    for (const auto& [name, index] : graph_.by_id) known.push_back(name);
    fault(std::move(place),
          id.empty() ? "this must name a step" : "there is no step '" + utf8_prefix(id, 80) + "'",
          did_you_mean(nearest_name(id, known)));
    return std::nullopt;
  }

  // The steps a member names.
  template <class Visit>
  void for_each_name(Step& step, std::string_view field, Visit visit) {
    Json* list = step.source.if_contains(json_view(field));
    if (list == nullptr) return;
    std::string place = child_pointer(step.original, field);
    if (!list->is_array()) {
      fault(place, std::string(field).append(" must be a list of steps"));
    } else {
      std::size_t index = 0;
      for (const Json& name : list->get_array()) {
        std::string at = child_pointer(place, std::to_string(index++));
        auto found = resolve(name.is_string() ? std::string(text_view(name.get_string())) : "", at);
        if (found) visit(*found, at);
      }
    }
    drop(step.source, field);
  }

  void add_transition(Transition transition) {
    graph_.steps[transition.from].out.push_back(std::move(transition));
  }

  void connect(std::size_t number) {
    Step& step = graph_.steps[number];
    for_each_name(step, "branches", [&](std::size_t to, const std::string& at) {
      add_transition({.from = number, .to = to, .condition = nullptr, .original = at});
    });
    for_each_name(step, "sources", [&](std::size_t from, const std::string& at) {
      auto& out = graph_.steps[from].out;
      bool is_known = std::any_of(out.begin(), out.end(),
                                  [&](const Transition& one) { return one.to == number; });
      // A source that is read later may say so itself.
      if (!is_known && !says_itself(from, step.id))
        add_transition({.from = from, .to = number, .condition = nullptr, .original = at});
    });
    const Json* transitions = step.source.if_contains("transitions");
    if (transitions == nullptr) return;
    std::string place = child_pointer(step.original, "transitions");
    if (!transitions->is_array()) {
      fault(place, "transitions must be a list");
    } else {
      std::size_t index = 0;
      for (const Json& transition : transitions->get_array())
        read_transition(number, transition, child_pointer(place, std::to_string(index++)));
    }
    drop(step.source, "transitions");
  }

  bool says_itself(std::size_t from, const std::string& to) const {
    const Json* transitions = graph_.steps[from].source.if_contains("transitions");
    if (transitions == nullptr || !transitions->is_array()) return false;
    const JsonArray& list = transitions->get_array();
    return std::any_of(list.begin(), list.end(), [&](const Json& one) {
      return one.is_object() &&
             get_string(one.get_object(), "to", get_string(one.get_object(), "target")) == to;
    });
  }

  void read_transition(std::size_t from, const Json& source, const std::string& place) {
    if (!source.is_object()) {
      fault(place, "a transition is an object such as {to: step, condition: ...}");
      return;
    }
    const JsonObject& fields = source.get_object();
    refuse_others(fields, transition_fields, place);
    std::string name = fields.contains("to") ? "to" : "target";
    auto to = resolve(get_string(fields, name), child_pointer(place, name));
    if (!to) return;
    Transition transition{.from = from, .to = *to, .condition = nullptr, .original = place};
    const Json* condition = fields.if_contains("condition");
    if (condition != nullptr && !is_always(*condition)) transition.condition = *condition;
    add_transition(std::move(transition));
  }

  static bool is_always(const Json& condition) {
    if (condition.is_string()) {
      std::string_view text = text_view(condition.get_string());
      return text.empty() || text == "true" || text == "${true}";
    }
    return condition.is_null() || (condition.is_bool() && condition.get_bool());
  }

  void note_predecessors(const Step& step) {
    for (const Transition& transition : step.out) {
      auto& before = graph_.steps[transition.to].before;
      if (std::find(before.begin(), before.end(), transition.from) == before.end())
        before.push_back(transition.from);
    }
  }

  // Depth first, with the path kept: a transition to a step of the path closes a circle.
  void refuse_circles() {
    enum class Mark : std::uint8_t { none, on_path, done };
    std::vector<Mark> marks(graph_.steps.size(), Mark::none);
    struct Place {
      std::size_t step;
      std::size_t next = 0;
    };
    for (std::size_t start = 0; start < marks.size(); ++start) {
      if (marks[start] != Mark::none) continue;
      std::vector<Place> path = {{start}};
      marks[start] = Mark::on_path;
      while (!path.empty()) {
        Place& place = path.back();
        const Step& step = graph_.steps[place.step];
        if (place.next == step.out.size()) {
          marks[place.step] = Mark::done;
          path.pop_back();
          continue;
        }
        const Transition& transition = step.out[place.next++];
        if (marks[transition.to] == Mark::on_path) {
          refuse_circle(transition);
        } else if (marks[transition.to] == Mark::none) {
          marks[transition.to] = Mark::on_path;
          path.push_back({transition.to});
        }
      }
    }
  }

  void refuse_circle(const Transition& transition) {
    fault(transition.original,
          "this transition goes back from '" + graph_.steps[transition.from].id + "' to '" +
              graph_.steps[transition.to].id + "', which tasks can't",
          "what repeats is a task of type loop: put the steps in its `do`, and the condition in "
          "`while` or `until`");
  }

  NormaliseContext& context_;
  StepGraph graph_;
  bool good_ = true;
};

}  // namespace

std::vector<bool> StepGraph::reachable(const std::vector<std::size_t>& from) const {
  std::vector<bool> reached(steps.size());
  std::vector<std::size_t> open = from;
  while (!open.empty()) {
    std::size_t step = open.back();
    open.pop_back();
    if (reached[step]) continue;
    reached[step] = true;
    for (const Transition& transition : steps[step].out) open.push_back(transition.to);
  }
  return reached;
}

std::optional<StepGraph> read_steps(NormaliseContext& context, FieldSet& workflow) {
  Reader reader(context);
  Json steps = std::move(*workflow.find("steps"));
  bool good = reader.read(steps, original_of(context, workflow, "steps"));
  if (const Json* handlers = workflow.find("error_handlers")) {
    reader.graph().handlers =
        reader.read_handlers(*handlers, original_of(context, workflow, "error_handlers"));
    workflow.erase("error_handlers");
  }
  workflow.erase("steps");
  if (!good || !reader.good()) return std::nullopt;
  return reader.take();
}

std::string error_pattern(std::string_view type) {
  using Pair = std::pair<std::string_view, std::string_view>;
  constexpr auto patterns = std::to_array<Pair>({{"TIMEOUT", "timeout"},
                                                 {"TIMEOUT_ERROR", "timeout"},
                                                 {"CONNECTION_ERROR", "connection"},
                                                 {"NETWORK_ERROR", "connection"},
                                                 {"SERVER_ERROR", "http_5xx"},
                                                 {"CLIENT_ERROR", "http_4xx"},
                                                 {"RATE_LIMIT", "http_429"},
                                                 {"VALIDATION_ERROR", "schema"},
                                                 {"ALL", ""},
                                                 {"ANY", ""},
                                                 {"*", ""}});
  for (const auto& [known, pattern] : patterns) {
    if (known == type) return std::string(pattern);
  }
  std::string lower(type);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

}  // namespace harmonia::workflow
