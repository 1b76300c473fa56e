#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "cli/answers.h"
#include "cli/questions.h"
#include "cli/run_display.h"
#include "server/embedded.h"

namespace harmonia::cli {

// Answers what local runs ask: from the command line, else by asking the person at the terminal,
// one question at a time. Never blocks for an answer.
class Attendant {
 public:
  Attendant(server::Embedded& embedded, RunDisplay& display, Answers answers);

  // Takes care of a run from now on, and sends it the events of the command line.
  Result<void> attend(ExecutionId id);
  // Answers what can be answered; call it often. An error means that the engine does not work.
  Result<void> look();

  // It waits for somebody, nobody is here, and nothing else will happen.
  bool is_left_alone(ExecutionId id) const;
  // Its question stands on the terminal, or will.
  bool is_asking(ExecutionId id) const { return can_ask_ && unanswered_.contains(id); }

 private:
  struct Open {
    ExecutionId execution;
    server::TaskView task;
  };
  using Key = std::tuple<ExecutionId, execution::TaskRef, std::uint32_t>;  // and the attempt
  static Key key_of(const Open& open) { return {open.execution, open.task.ref, open.task.attempt}; }

  std::vector<Open> collect();
  // Whether the task was answered; a refusal is said, and the question remains.
  Result<bool> send(const Open& open, execution::CommandBody command);
  Result<void> ask(const std::vector<Open>& open);
  Result<void> listen();
  void show_prompt() const;
  void tell(const Open& open);

  server::Embedded& embedded_;
  RunDisplay& display_;
  Answers answers_;
  LineReader lines_;
  bool can_ask_ = false;
  std::vector<ExecutionId> runs_;
  std::set<Key> done_;                // answered, or tried to
  std::set<Key> told_;                // how to answer them was said
  std::set<ExecutionId> unanswered_;  // runs with something that is not answered
  std::optional<Open> asked_;
  std::optional<Question> question_;
};

}  // namespace harmonia::cli
