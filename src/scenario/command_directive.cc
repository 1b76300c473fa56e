#include "scenario/command_directive.h"

#include "scenario/script.h"

namespace harmonia::scenario {
namespace {

using execution::CommandBody;
using execution::IncidentAction;

Error usage(const std::string& form) {
  return make_error(error_code::invalid_argument, "the form of this directive is `" + form + "`");
}

// The words of a directive, then its options (`by=ann`, `comment="a b"`), then JSON.
class Reading {
 public:
  explicit Reading(std::string_view directive) : rest_(directive) { word(); }

  std::string word() {
    auto end = std::min(rest_.find(' '), rest_.size());
    std::string taken(rest_.substr(0, end));
    skip(end);
    return taken;
  }

  std::string option(std::string_view name) {
    if (!rest_.starts_with(name) || !rest_.substr(name.size()).starts_with('=')) return {};
    rest_.remove_prefix(name.size() + 1);
    if (!rest_.starts_with('"')) return word();
    auto end = std::min(rest_.find('"', 1), rest_.size());
    std::string taken(rest_.substr(1, end - 1));
    skip(std::min(end + 1, rest_.size()));
    return taken;
  }

  // A null pointer when there is none.
  Result<SharedJson> json() {
    if (rest_.empty()) return SharedJson();
    TRY(Json value, parse_json(rest_));
    return share(std::move(value));
  }

  std::string text() const { return std::string(rest_); }

 private:
  void skip(std::size_t count) {
    rest_.remove_prefix(count);
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

Result<CommandBody> read_signal(Reading& reading) {
  execution::Signal signal;
  signal.name = reading.word();
  if (signal.name.empty()) return usage("signal ID NAME [id=ID] [correlation=TEXT] [JSON]");
  signal.id = reading.option("id");
  signal.correlation = reading.option("correlation");
  TRY(signal.payload, reading.json());
  return CommandBody(std::move(signal));
}

Result<CommandBody> read_decision(Reading& reading, const World::Asked& asked, bool approved) {
  execution::DecideApproval decision{.task = asked.task,
                                     .asked_seq = asked.seq,
                                     .approved = approved,
                                     .data = nullptr,
                                     .decided_by = {},
                                     .comment = {}};
  decision.decided_by = reading.option("by");
  decision.comment = reading.option("comment");
  TRY(decision.data, reading.json());
  return CommandBody(std::move(decision));
}

Result<CommandBody> read_resolution(Reading& reading, const World::Asked& asked) {
  constexpr std::pair<std::string_view, IncidentAction> actions[] = {
      {"retry", IncidentAction::retry},
      {"skip", IncidentAction::skip},
      {"complete", IncidentAction::complete},
      {"fail", IncidentAction::fail}};
  std::string name = reading.word();
  for (const auto& [known, action] : actions) {
    if (known != name) continue;
    execution::ResolveIncident resolution{.task = asked.task,
                                          .asked_seq = asked.seq,
                                          .action = action,
                                          .output = nullptr,
                                          .resolved_by = reading.option("by")};
    TRY(resolution.output, reading.json());
    return CommandBody(std::move(resolution));
  }
  return usage("resolve ID TASK retry|skip|complete|fail [by=NAME] [JSON]");
}

Result<CommandBody> read_about_task(Reading& reading, const std::string& name,
                                    const std::string& label, World& world) {
  std::string path = reading.word();
  if (path.empty()) return usage(name + " ID TASK ...");
  TRY(World::Asked asked, world.find_task(label, path));
  if (name == "resolve") return read_resolution(reading, asked);
  if (name != "callback") return read_decision(reading, asked, name == "approve");
  TRY(SharedJson payload, reading.json());
  return CommandBody(execution::Callback{.task = asked.task, .payload = std::move(payload)});
}

Result<CommandBody> read_body(Reading& reading, const std::string& name, const std::string& label,
                              World& world) {
  if (name == "pause") return CommandBody(execution::Pause{});
  if (name == "resume") return CommandBody(execution::Resume{});
  if (name == "cancel") return CommandBody(execution::Cancel{.reason = reading.text()});
  if (name == "signal") return read_signal(reading);
  return read_about_task(reading, name, label, world);
}

}  // namespace

Result<CommandDirective> read_command(const std::string& directive, World& world) {
  Reading reading(directive);
  std::string name = split_words(directive, 2).front();
  std::string label = reading.word();
  if (label.empty()) return usage(name + " ID ...");
  TRY(CommandBody command, read_body(reading, name, label, world));
  return CommandDirective{.label = std::move(label), .command = std::move(command)};
}

Result<SentEvent> read_event(const std::string& directive) {
  Reading reading(directive);
  SentEvent event{.id = {}, .name = reading.word(), .correlation = {}};
  event.id = reading.option("id");
  event.correlation = reading.option("correlation");
  if (event.name.empty() || event.correlation.empty())
    return usage("event NAME [id=ID] correlation=TEXT [retention=DURATION] [JSON]");
  if (std::string retention = reading.option("retention"); !retention.empty()) {
    TRY(event.retention, parse_short_duration(retention));
  }
  TRY(SharedJson payload, reading.json());
  if (payload) event.payload = *payload;
  return event;
}

}  // namespace harmonia::scenario
