#include "execution/decide_lifecycle.h"

#include "execution/relations.h"

namespace harmonia::execution {
namespace {

Error wrong_state(const Draft& draft, std::string_view verb) {
  return make_error(error_code::wrong_state, "the execution is " +
                                                 std::string(to_string(draft.state().status)) +
                                                 " and can't be " + std::string(verb));
}

std::optional<Error> check_input(const Draft& draft, const SharedJson& input) {
  if (!input || !input->is_object())
    return make_error(error_code::schema, "the input must be a JSON object");
  const auto& schema = draft.definition().input_schema;
  if (!schema) return std::nullopt;
  auto problems = schema->validate(*input);
  if (problems.empty()) return std::nullopt;
  Error error =
      make_error(error_code::schema, "the input does not match the workflow's input_schema: " +
                                         describe(problems.front()));
  error.instance = problems.front().pointer;
  error.problems = std::move(problems);
  return error;
}

}  // namespace

Outcome decide_start(Draft& draft, const Start& start) {
  if (draft.state().exists())
    return make_error(error_code::conflict, "the execution was started before");
  if (auto refusal = check_input(draft, start.input)) return refusal;
  std::optional<Timestamp> deadline;
  if (draft.definition().timeout) deadline = draft.now() + *draft.definition().timeout;
  draft.emit(ExecutionStarted{.workflow = start.workflow,
                              .revision = start.revision,
                              .input = start.input,
                              .context = start.context,
                              .env = start.env,
                              .deadline = deadline,
                              .key = start.key,
                              .public_url = start.public_url,
                              .parent = start.parent});
  auto waits = ask_for_turn(draft);
  if (!waits.ok()) draft.emit(ExecutionFailed{.error = std::move(waits).error()});
  return std::nullopt;
}

Outcome decide_pause(Draft& draft, const Pause& pause) {
  if (draft.state().status == RunStatus::paused) return std::nullopt;
  if (draft.state().status != RunStatus::running) return wrong_state(draft, "paused");
  if (pause.by_parent && draft.state().timed_out) return std::nullopt;
  draft.emit(ExecutionPaused{});
  return std::nullopt;
}

Outcome decide_resume(Draft& draft) {
  if (draft.state().status == RunStatus::running) return std::nullopt;
  if (draft.state().status != RunStatus::paused) return wrong_state(draft, "resumed");
  draft.emit(ExecutionResumed{});
  return std::nullopt;
}

Outcome decide_cancel(Draft& draft, const Cancel& cancel) {
  if (draft.state().status == RunStatus::canceled) return std::nullopt;
  if (is_terminal(draft.state().status)) return wrong_state(draft, "canceled");
  draft.emit(ExecutionCanceled{.reason = cancel.reason});
  return std::nullopt;
}

}  // namespace harmonia::execution
