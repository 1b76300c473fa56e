#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/run_view.h"

namespace harmonia::cli {

// One question to a person as a dialogue of lines: made of a task that waits, fed with what is
// typed, until there is a command.
class Question {
 public:
  explicit Question(const server::TaskView& task);

  const server::TaskView& task() const { return task_; }
  // What it is about, before the first prompt. Printable.
  std::string introduction() const;
  // What is asked now, without a line break.
  std::string prompt() const;
  // What comes of a line. Text of the next prompt follows unless there is a command.
  void answer(const std::string& line);
  // The decision, once everything is said.
  const std::optional<execution::CommandBody>& command() const { return command_; }
  // Why the last line was not understood; empty: it was.
  const std::string& complaint() const { return complaint_; }

 private:
  enum class Step { decision, field, comment, payload, action, output };
  struct Field {
    std::string name;
    Json schema;
    bool required = false;
  };

  void read_form();
  void answer_decision(const std::string& line);
  void answer_field(const std::string& line);
  void answer_action(const std::string& line);
  void decide(std::string comment);
  // The line as JSON, null when it is empty; nothing after a complaint.
  std::optional<SharedJson> read_json(const std::string& line);

  const server::TaskView task_;
  Step step_ = Step::decision;
  std::vector<Field> fields_;
  std::size_t next_field_ = 0;
  bool takes_whole_ = false;  // the form is not about an object's properties
  bool approved_ = false;
  Json data_ = nullptr;
  std::string complaint_;
  std::optional<execution::CommandBody> command_;
};

// Lines of standard input as they come, without waiting.
class LineReader {
 public:
  // A whole line, without its end; nothing: none has come yet.
  std::optional<std::string> poll();
  bool is_closed() const { return is_closed_; }
  // Forgets what was typed before anybody asked.
  void discard();

 private:
  std::string buffer_;
  bool is_closed_ = false;
};

}  // namespace harmonia::cli
