#include "cli/attendant.h"

#include <algorithm>
#include <unistd.h>

#include "cli/terminal.h"

namespace harmonia::cli {

Attendant::Attendant(server::Embedded& embedded, RunDisplay& display, Answers answers)
    : embedded_(embedded), display_(display), answers_(std::move(answers)) {
  can_ask_ = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

Result<void> Attendant::attend(ExecutionId id) {
  runs_.push_back(id);
  for (const execution::Signal& event : answers_.events()) {
    auto sent = embedded_.submit(id, event);
    // It may have ended already.
    if (!sent.ok() && sent.error().code != error_code::wrong_state) return sent;
  }
  return {};
}

std::vector<Attendant::Open> Attendant::collect() {
  std::vector<Open> open;
  for (ExecutionId id : runs_) {
    for (server::TaskView& task : embedded_.watch().asked(id))
      open.push_back({.execution = id, .task = std::move(task)});
  }
  return open;
}

Result<void> Attendant::look() {
  std::vector<Open> rest;
  unanswered_.clear();
  for (Open& open : collect()) {
    if (!done_.contains(key_of(open))) {
      if (auto command = answers_.answer_to(open.task)) {
        done_.insert(key_of(open));
        TRY(bool taken, send(open, std::move(*command)));
        if (taken) continue;
      }
    }
    unanswered_.insert(open.execution);
    rest.push_back(std::move(open));
  }
  if (lines_.is_closed()) can_ask_ = false;
  if (can_ask_) return ask(rest);
  for (const Open& open : rest) tell(open);
  return {};
}

Result<bool> Attendant::send(const Open& open, execution::CommandBody command) {
  auto sent = embedded_.submit(open.execution, std::move(command));
  if (sent.ok()) return true;
  const Error& error = sent.error();
  // It went on without an answer, which is as good.
  if (error.code == error_code::stale || error.code == error_code::wrong_state) return true;
  if (error.code == error_code::storage || error.code == error_code::unavailable) return error;
  std::string text = printable(open.task.path) + ": " + printable(error.detail);
  for (const Problem& problem : error.problems) text += "\n  " + printable(describe(problem));
  display_.say(text);
  return false;
}

Result<void> Attendant::ask(const std::vector<Open>& open) {
  if (asked_) {
    bool still = std::any_of(open.begin(), open.end(),
                             [this](const Open& one) { return key_of(one) == key_of(*asked_); });
    if (still) return listen();
    print_error("\n" + printable(asked_->task.path) + " does not wait any more\n");
    asked_.reset();
    question_.reset();
    display_.go_on();
  }
  auto next = std::find_if(open.begin(), open.end(), [](const Open& one) {
    return one.task.waits_for != execution::WaitsFor::callback;
  });
  if (next == open.end()) return {};
  asked_ = *next;
  question_.emplace(asked_->task);
  display_.hold();
  lines_.discard();
  print_error(question_->introduction() + "\n");
  show_prompt();
  return {};
}

Result<void> Attendant::listen() {
  auto line = lines_.poll();
  if (lines_.is_closed()) {
    print_error("\n");
    asked_.reset();
    question_.reset();
    display_.go_on();
    return {};
  }
  if (!line) return {};
  question_->answer(*line);
  if (!question_->complaint().empty()) print_error(printable(question_->complaint()) + "\n");
  if (!question_->command()) {
    show_prompt();
    return {};
  }
  TRY(bool taken, send(*asked_, *question_->command()));
  if (!taken) {
    question_.emplace(asked_->task);
    show_prompt();
    return {};
  }
  asked_.reset();
  question_.reset();
  display_.go_on();
  return {};
}

void Attendant::show_prompt() const { print_error(question_->prompt()); }

// Once for each: how it could be answered.
void Attendant::tell(const Open& open) {
  if (!told_.insert(key_of(open)).second) return;
  std::string option = option_for(open.task);
  std::string text = printable(open.task.path) + " waits for " +
                     std::string(to_string(open.task.waits_for)) + "; ";
  text += option.empty() ? "only a server (harmonia serve) can be called back"
                         : "answer with " + printable(option);
  display_.say(text);
}

bool Attendant::is_left_alone(ExecutionId id) const {
  return !can_ask_ && unanswered_.contains(id) && embedded_.watch().only_waits_for_somebody(id);
}

}  // namespace harmonia::cli
