#include <array>

#include "workflow/compile.h"
#include "workflow/fields.h"
#include "workflow/unknown_fields.h"

namespace harmonia::workflow {
namespace {

constexpr std::uint32_t max_retries_max = 1000;
constexpr NumberRange multiplier_range{.minimum = 1, .maximum = 1000};
constexpr NumberRange jitter_range{.minimum = 0, .maximum = 1};

using JoinChoice = std::pair<std::string_view, JoinKind>;
constexpr std::array<JoinChoice, 5> join_kinds = {JoinChoice{"all_success", JoinKind::all_success},
                                                  JoinChoice{"none_failed", JoinKind::none_failed},
                                                  JoinChoice{"all_done", JoinKind::all_done},
                                                  JoinChoice{"any_success", JoinKind::any_success},
                                                  JoinChoice{"one_failed", JoinKind::one_failed}};

constexpr std::array<std::string_view, 1> join_fields = {"at_least"};

}  // namespace

std::optional<RetryPolicy> compile_retry(FieldReader& owner, std::string_view field) {
  const JsonObject* source = owner.object(field);
  if (source == nullptr) return std::nullopt;
  FieldReader reader(*source, owner.pointer_to(field), owner.findings());
  refuse_unknown_fields(*source, reader, {.now = fields::retry_policy, .later = {}});
  RetryPolicy policy;
  policy.max_retries = reader.count("max_retries", 0, max_retries_max).value_or(policy.max_retries);
  policy.initial_delay = reader.duration("initial_delay").value_or(policy.initial_delay);
  policy.backoff_multiplier =
      reader.number("backoff_multiplier", multiplier_range).value_or(policy.backoff_multiplier);
  bool names_max = reader.find("max_delay") != nullptr;
  policy.max_delay = reader.duration("max_delay").value_or(policy.max_delay);
  policy.jitter = reader.number("jitter", jitter_range).value_or(policy.jitter);
  policy.retry_on = reader.texts("retry_on");
  if (names_max && policy.max_delay < policy.initial_delay) {
    owner.findings().warning(reader.pointer_to("max_delay"), "max_delay is less than initial_delay",
                             "every delay will be max_delay");
  }
  return policy;
}

std::optional<JoinRule> compile_join(FieldReader& task) {
  const Json* source = task.find("join");
  if (source == nullptr) return std::nullopt;
  if (source->is_string()) {
    auto kind = task.choice("join", join_kinds);
    if (!kind) return std::nullopt;
    return JoinRule{.kind = *kind};
  }
  if (!source->is_object()) {
    task.refuse_type("join", "a rule such as all_done, or {at_least: k}");
    return std::nullopt;
  }
  FieldReader reader(source->get_object(), task.pointer_to("join"), task.findings());
  refuse_unknown_fields(source->get_object(), reader, {.now = join_fields, .later = {}});
  constexpr std::uint32_t at_least_max = 1'000'000;
  auto count = reader.count("at_least", 1, at_least_max);
  if (!count) {
    if (reader.find("at_least") == nullptr) {
      task.findings().error(reader.pointer(), "a join object needs at_least",
                            "write {at_least: 2}");
    }
    return std::nullopt;
  }
  return JoinRule{.kind = JoinKind::at_least, .count = *count};
}

}  // namespace harmonia::workflow
