#include "workflow/step_graph.h"

namespace harmonia::workflow {
namespace {

// Members of notification and http_request that are no input.
constexpr auto common_fields = std::to_array<std::string_view>(
    {"id", "type", "name", "description", "retry_policy", "timeout", "metadata", "on_error",
     "catch", "finally", "when", "input", "output"});

struct RetryField {
  std::string_view name;
  std::string_view canonical;
  bool in_milliseconds = false;
};
constexpr auto retry_fields = std::to_array<RetryField>({
    {"delay_seconds", "initial_delay"},
    {"initial_delay_seconds", "initial_delay"},
    {"initial_delay_ms", "initial_delay", true},
    {"initial_delay", "initial_delay"},
    {"max_delay_seconds", "max_delay"},
    {"max_delay_ms", "max_delay", true},
    {"max_delay", "max_delay"},
    {"backoff_factor", "backoff_multiplier"},
    {"backoff_multiplier", "backoff_multiplier"},
    {"max_retries", "max_retries"},
    {"jitter", "jitter"},
    {"retry_on", "retry_on"},
});

// `retry` in its two spellings as `retry_policy`.
class RetryTranslator {
 public:
  RetryTranslator(NormaliseContext& context, FieldSet& task) : context_(context), task_(task) {}

  void run() {
    const Json* source = task_.find("retry");
    if (source == nullptr) return;
    original_ = original_of(context_, task_, "retry");
    if (!source->is_object())
      return refuse_field(context_, task_, "retry", "retry must be an object");
    canonical_ = child_pointer(task_.canonical, "retry_policy");
    context_.out.pointers.note(canonical_, original_);
    JsonObject members = source->get_object();
    task_.erase("retry");
    for (const auto& member : members)
      take(fields::snake_case(text_view(member.key())), member.value(), text_view(member.key()));
    if (task_.has("retry_policy")) {
      context_.findings.error_at_key(original_,
                                     "'retry' and 'retry_policy' mean the same and are "
                                     "both given",
                                     "keep one of them");
      return;
    }
    task_.put("retry_policy", std::move(policy_));
    context_.tell(
        "`retry` became `retry_policy`; max_attempts counts the first attempt, "
        "max_retries does not");
  }

 private:
  void take(std::string_view name, const Json& value, std::string_view written) {
    std::string place = child_pointer(original_, written);
    if (name == "max_attempts") return take_attempts(value, std::move(place));
    if (name == "retriable_errors") return take_errors(value, std::move(place));
    for (const RetryField& field : retry_fields) {
      if (field.name != name) continue;
      Json taken = value;
      if (field.in_milliseconds && value.is_number()) taken = value.to_number<double>() / 1000;
      return put(field.canonical, std::move(taken), std::move(place));
    }
    context_.findings.error(std::move(place),
                            "'" + std::string(written) + "' of retry has no translation",
                            "fields of retry_policy are max_retries, initial_delay, "
                            "backoff_multiplier, max_delay, jitter and retry_on");
  }

  void put(std::string_view field, Json value, std::string place) {
    if (!policy_.emplace(json_view(field), std::move(value)).second) {
      context_.findings.error(std::move(place), "this gives " + std::string(field) + " twice");
      return;
    }
    context_.out.pointers.note(child_pointer(canonical_, field), std::move(place));
  }

  void take_attempts(const Json& value, std::string place) {
    if (value.is_int64() && value.get_int64() >= 1)
      return put("max_retries", value.get_int64() - 1, std::move(place));
    context_.findings.error(std::move(place), "max_attempts must be a whole number from 1");
  }

  void take_errors(const Json& value, std::string place) {
    if (!value.is_array()) return put("retry_on", value, std::move(place));
    JsonArray patterns;
    for (const Json& type : value.get_array()) {
      std::string pattern =
          type.is_string() ? error_pattern(text_view(type.get_string())) : std::string();
      if (!type.is_string()) {
        patterns.push_back(type);
      } else {
        patterns.emplace_back(json_view(pattern.empty() ? std::string_view("*") : pattern));
      }
    }
    put("retry_on", std::move(patterns), std::move(place));
  }

  NormaliseContext& context_;
  FieldSet& task_;
  std::string original_;
  std::string canonical_;
  JsonObject policy_;
};

// What a step itself does; its transitions are no part of it.
class StepTranslator {
 public:
  explicit StepTranslator(NormaliseContext& context) : context_(context) {}

  FieldSet run(const Step& step, const std::string& tasks_pointer) {
    FieldSet task{.fields = step.source,
                  .canonical = child_pointer(tasks_pointer, step.id),
                  .original = step.original};
    context_.out.pointers.note(task.canonical, task.original);
    task.erase("id");
    task.erase("type");
    translate_time_fields(context_, task);
    RetryTranslator(context_, task).run();
    if (task.has("parameters")) {
      move_field(context_, task, "parameters", "input");
      context_.tell("`parameters` of steps became `input`");
    }
    if (step.is("notification")) take_runner(task, "notify", "send");
    if (step.is("http_request")) take_runner(task, "http", "request");
    if (step.is("wait")) take_wait(task);
    if (step.is("join")) take_join(task);
    if (step.is("start") || step.is("fork") || step.is("join") || step.is("end"))
      task.put("type", "join");
    if (step.is("decision")) task.put("type", "decision");
    return task;
  }

 private:
  // Everything that is no field of tasks is what the runner gets.
  void take_runner(FieldSet& task, std::string_view component, std::string_view action) {
    auto [input, is_new] = task.fields.emplace("input", JsonObject());
    if (!input->value().is_object()) return;
    JsonObject moved = input->value().get_object();
    JsonObject rest;
    for (auto& member : task.fields) {
      std::string_view name = text_view(member.key());
      if (fields::contains(common_fields, name)) {
        rest.emplace(name, std::move(member.value()));
        continue;
      }
      std::string place = original_of(context_, task, name);
      context_.out.pointers.note(child_pointer(child_pointer(task.canonical, "input"), name),
                                 place);
      if (!moved.emplace(name, std::move(member.value())).second)
        context_.findings.error_at_key(
            place, "the field '" + std::string(name) + "' is given here and in the parameters");
    }
    task.fields = std::move(rest);
    task.put("component", json_view(component));
    task.put("action", json_view(action));
    task.put("input", std::move(moved));
    std::string sentence = "steps of type ";
    sentence.append(component == "http" ? "http_request" : "notification");
    sentence.append(" became component ").append(component).append(", action ").append(action);
    context_.tell(std::move(sentence));
  }

  void take_join(FieldSet& task) {
    const Json* type = task.find("join_type");
    if (type == nullptr) return;
    if (*type == "any") {
      task.put("join", "any_success");
    } else if (*type != "all") {
      return refuse_field(context_, task, "join_type", "join_type must be all or any",
                          "other rules are written as `join` of a task");
    }
    task.erase("join_type");
    context_.tell("`join_type` became the rule `join` of a task");
  }

  void take_wait(FieldSet& task) {
    for (std::string_view name : {"seconds", "duration_seconds", "delay_seconds", "delay"}) {
      if (task.has(name)) move_field(context_, task, name, "duration");
    }
    const Json* wait_for = task.find("wait_for");
    if (wait_for == nullptr) {
      task.put("type", "wait");
      return;
    }
    if (!wait_for->is_object())
      return refuse_field(context_, task, "wait_for",
                          "wait_for must be an object such as {state_change: name}");
    std::string original = original_of(context_, task, "wait_for");
    FieldSet inner = rename_fields(context_, wait_for->get_object(),
                                   {.fields = {},
                                    .canonical = child_pointer(task.canonical, "wait_for"),
                                    .original = original},
                                   is_wait_field);
    task.erase("wait_for");
    translate_time_fields(context_, inner);
    move_field(context_, inner, "state_change", "event");
    for (std::string_view name : {"seconds", "duration_seconds"})
      if (inner.has(name)) move_field(context_, inner, name, "duration");
    task.put("type", inner.has("event") ? "event" : "wait");
    if (inner.has("event")) {
      context_.tell(
          "steps that wait for a change of the state became tasks of type event: send "
          "the event to the run");
    }
    for (auto& member : inner.fields) {
      std::string_view name = text_view(member.key());
      std::string place = original_of(context_, inner, name);
      if (!is_wait_field(name)) {
        context_.findings.error(place, "'" + std::string(name) + "' of wait_for has no translation",
                                "known are state_change, event, duration, until and timeout_hours");
      } else if (task.has(name)) {
        context_.findings.error_at_key(place,
                                       "the field '" + std::string(name) + "' is given twice");
      } else {
        context_.out.pointers.note(child_pointer(task.canonical, name), place);
        task.put(name, std::move(member.value()));
      }
    }
  }

  static bool is_wait_field(std::string_view name) {
    constexpr auto names = std::to_array<std::string_view>(
        {"state_change", "event", "duration", "until", "correlation", "filter", "timeout",
         "timeout_ms", "timeout_seconds", "timeout_minutes", "timeout_hours"});
    return fields::contains(names, name);
  }

  NormaliseContext& context_;
};

}  // namespace

FieldSet translate_step(NormaliseContext& context, const Step& step,
                        const std::string& tasks_pointer) {
  return StepTranslator(context).run(step, tasks_pointer);
}

}  // namespace harmonia::workflow
