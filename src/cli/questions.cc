#include "cli/questions.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "cli/answers.h"
#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

using execution::WaitsFor;

constexpr std::string_view decided_by = "terminal";

std::string asked_text(const server::TaskView& task, std::string_view member) {
  bool is_object = task.asked && task.asked->is_object();
  return is_object ? get_string(task.asked->get_object(), member) : std::string();
}

const Json* form_of(const server::TaskView& task) {
  return task.asked ? find_pointer(*task.asked, "/form") : nullptr;
}

std::string type_of(const Json& schema) {
  return schema.is_object() ? get_string(schema.get_object(), "type") : std::string();
}

// `number`, `first, 2`: what may be typed.
std::string describe_type(const Json& schema) {
  const Json* values = schema.is_object() ? schema.get_object().if_contains("enum") : nullptr;
  if (values == nullptr || !values->is_array()) return type_of(schema);
  std::string text;
  for (const Json& value : values->get_array()) {
    if (!text.empty()) text += ", ";
    text += value.is_string() ? std::string(text_view(value.get_string())) : to_text(value);
  }
  return text;
}

// Text stays text where the schema wants it, or where it is nothing else.
Json typed(const Json& schema, const std::string& line) {
  Json text = json_view(line);
  const Json* values = schema.is_object() ? schema.get_object().if_contains("enum") : nullptr;
  if (values != nullptr && values->is_array()) {
    for (const Json& value : values->get_array()) {
      if (json_equal(value, text)) return text;
    }
  }
  std::string type = type_of(schema);
  if (type == "string") return text;
  if (type == "boolean" && (line == "y" || line == "yes")) return true;
  if (type == "boolean" && (line == "n" || line == "no")) return false;
  auto parsed = parse_json(line);
  return parsed.ok() ? *parsed : text;
}

}  // namespace

Question::Question(const server::TaskView& task) : task_(task) {
  switch (task_.waits_for) {
    case WaitsFor::event: step_ = Step::payload; break;
    case WaitsFor::incident: step_ = Step::action; break;
    default: read_form();
  }
}

void Question::read_form() {
  const Json* form = form_of(task_);
  if (form == nullptr || !form->is_object()) return;
  const Json* properties = form->get_object().if_contains("properties");
  if (properties == nullptr || !properties->is_object()) {
    takes_whole_ = true;
    return fields_.push_back({.name = "data", .schema = *form, .required = true});
  }
  const Json* required = form->get_object().if_contains("required");
  auto is_required = [required](std::string_view name) {
    if (required == nullptr || !required->is_array()) return false;
    const JsonArray& names = required->get_array();
    return std::any_of(names.begin(), names.end(), [name](const Json& one) {
      return one.is_string() && text_view(one.get_string()) == name;
    });
  };
  data_ = JsonObject();
  for (const auto& member : properties->get_object()) {
    std::string name(text_view(member.key()));
    bool needed = is_required(name);
    fields_.push_back({.name = std::move(name), .schema = member.value(), .required = needed});
  }
}

std::string Question::introduction() const {
  std::string path = printable(task_.path);
  switch (task_.waits_for) {
    case WaitsFor::event: return path + " waits for event " + printable(asked_text(task_, "event"));
    case WaitsFor::incident: return path + " failed: " + printable(task_.error);
    default: break;
  }
  std::string title = asked_text(task_, "title");
  return path + " waits for approval" + (title.empty() ? "" : ": " + printable(title));
}

std::string Question::prompt() const {
  switch (step_) {
    case Step::decision: return "approve? [y/n] ";
    case Step::comment: return "comment (Enter: none): ";
    case Step::payload: return "payload as JSON (Enter: null): ";
    case Step::action: return "[r]etry, [s]kip, [c]omplete or [f]ail? ";
    case Step::output: return "output as JSON (Enter: null): ";
    case Step::field: break;
  }
  const Field& field = fields_[next_field_];
  std::string type = printable(describe_type(field.schema));
  std::string text = printable(field.name);
  if (!type.empty()) text += " (" + type + ")";
  return text + (field.required ? ": " : ", Enter for none: ");
}

void Question::answer(const std::string& line) {
  complaint_.clear();
  switch (step_) {
    case Step::decision: return answer_decision(line);
    case Step::field: return answer_field(line);
    case Step::comment: return decide(line);
    case Step::action: return answer_action(line);
    case Step::payload:
      if (auto payload = read_json(line)) {
        command_ = execution::Signal{.id = {},
                                     .name = asked_text(task_, "event"),
                                     .correlation = {},
                                     .payload = std::move(*payload)};
      }
      return;
    case Step::output:
      if (auto output = read_json(line)) {
        command_ = execution::ResolveIncident{.task = task_.ref,
                                              .asked_seq = task_.asked_seq,
                                              .action = execution::IncidentAction::complete,
                                              .output = std::move(*output),
                                              .resolved_by = std::string(decided_by)};
      }
  }
}

void Question::answer_decision(const std::string& line) {
  bool yes = line == "y" || line == "yes";
  if (!yes && line != "n" && line != "no") {
    complaint_ = "type y or n";
    return;
  }
  approved_ = yes;
  if (!approved_) {
    step_ = Step::comment;
  } else if (!fields_.empty()) {
    step_ = Step::field;
  } else {
    decide({});
  }
}

void Question::answer_field(const std::string& line) {
  const Field& field = fields_[next_field_];
  if (line.empty() && field.required) {
    complaint_ = "this is needed";
    return;
  }
  if (!line.empty()) {
    Json value = typed(field.schema, line);
    if (takes_whole_) {
      data_ = std::move(value);
    } else {
      data_.get_object()[json_view(field.name)] = std::move(value);
    }
  }
  if (++next_field_ == fields_.size()) decide({});
}

void Question::answer_action(const std::string& line) {
  std::optional<execution::IncidentAction> action = parse_incident_action(line);
  for (std::string_view name : {"retry", "skip", "complete", "fail"}) {
    if (line.size() == 1 && line.front() == name.front()) action = parse_incident_action(name);
  }
  if (!action) {
    complaint_ = "type r, s, c or f";
    return;
  }
  if (*action == execution::IncidentAction::complete) {
    step_ = Step::output;
    return;
  }
  command_ = execution::ResolveIncident{.task = task_.ref,
                                        .asked_seq = task_.asked_seq,
                                        .action = *action,
                                        .output = {},
                                        .resolved_by = std::string(decided_by)};
}

void Question::decide(std::string comment) {
  command_ = execution::DecideApproval{.task = task_.ref,
                                       .asked_seq = task_.asked_seq,
                                       .approved = approved_,
                                       .data = approved_ ? share(data_) : SharedJson(),
                                       .decided_by = std::string(decided_by),
                                       .comment = std::move(comment)};
}

std::optional<SharedJson> Question::read_json(const std::string& line) {
  if (line.empty()) return share(nullptr);
  auto parsed = parse_json(line);
  if (parsed.ok()) return share(std::move(*parsed));
  complaint_ = "this is not JSON: " + parsed.error().detail;
  return std::nullopt;
}

void LineReader::discard() {
  buffer_.clear();
  ::tcflush(STDIN_FILENO, TCIFLUSH);
}

std::optional<std::string> LineReader::poll() {
  for (;;) {
    if (std::size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (is_closed_ || ::poll(&waiting, 1, 0) <= 0) return std::nullopt;
    char bytes[4096];
    ssize_t size = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      is_closed_ = true;
      return std::nullopt;
    }
    constexpr std::size_t line_size_max = 1u << 20;
    if (buffer_.size() > line_size_max) buffer_.clear();
    buffer_.append(bytes, static_cast<std::size_t>(size));
  }
}

}  // namespace harmonia::cli
