// The bytes of history: [first_seq, at, {event}, {event} ...]. Keys are short because every step of
// every run is written so; docs/event_format.md is the specification.
#include "base/json_writer.h"
#include "execution/event.h"

namespace harmonia::execution {
namespace {

// Writes one event as an object: kind first, then the members that are set.
class Writer : public ObjectWriter {
 public:
  Writer(std::string& out, std::string_view path, std::string_view kind)
      : ObjectWriter(out), path_(path) {
    text("e", kind);
  }
  ~Writer() {
    if (!path_.empty()) text("q", path_);
  }

  void task(const TaskRef& ref) {
    if (ref.scope != root_scope) number("s", ref.scope);
    number("t", ref.task);
  }
  void parent(const Parent& value) {
    std::string& out = member("a") += '[';
    append_quoted(out, to_string(value.execution));
    for (std::uint32_t one : {value.task.scope, value.task.task, value.attempt, value.depth,
                              std::uint32_t{value.waits}})
      out.append(",").append(std::to_string(one));
    out += ']';
  }
  void error(const Error& value) {
    ObjectWriter members(member("x"));
    members.text("code", value.code);
    members.text("detail", value.detail);
    if (!value.instance.empty()) members.text("instance", value.instance);
  }

 private:
  std::string_view path_;
};

struct EventWriter {
  std::string& out;
  std::string_view path;

  void operator()(const ExecutionStarted& event) const {
    Writer w(out, path, "es");
    w.text("w", to_string(event.workflow));
    w.number("r", event.revision);
    w.json("i", event.input);
    w.json("c", event.context);
    w.json("v", event.env);
    w.time("d", event.deadline);
    if (!event.key.empty()) w.text("y", event.key);
    if (!event.public_url.empty()) w.text("u", event.public_url);
    if (event.parent) w.parent(*event.parent);
  }
  void operator()(const TaskScheduled& event) const {
    Writer w(out, path, "ts");
    w.task(event.task);
    w.number("n", event.attempt);
    w.json("i", event.input);
    w.time("d", event.deadline);
  }
  void operator()(const TaskWaiting& event) const {
    Writer w(out, path, "tw");
    w.task(event.task);
    w.time("d", event.due);
  }
  void operator()(const AttemptFailed& event) const {
    Writer w(out, path, "af");
    w.task(event.task);
    w.number("n", event.attempt);
    w.error(event.error);
    w.time("d", event.retry_at);
  }
  void operator()(const TaskCompleted& event) const {
    Writer w(out, path, "tc");
    w.task(event.task);
    w.number("n", event.attempt);
    w.json("o", event.output);
  }
  void operator()(const TaskFailed& event) const {
    Writer w(out, path, "tf");
    w.task(event.task);
    w.number("n", event.attempt);
    w.error(event.error);
    if (!event.fails_scope) w.number("k", 1);
  }
  void operator()(const TaskSkipped& event) const {
    Writer w(out, path, "tk");
    w.task(event.task);
    w.text("m", event.reason);
  }
  void operator()(const TaskCanceled& event) const {
    Writer w(out, path, "tx");
    w.task(event.task);
    w.text("m", event.reason);
  }
  void operator()(const TaskStarted& event) const {
    Writer w(out, path, "tb");
    w.task(event.task);
    w.number("n", event.attempt);
    w.json("i", event.input);
    w.time("d", event.deadline);
  }
  void operator()(const TaskQueued& event) const {
    Writer w(out, path, "tq");
    w.task(event.task);
    w.number("n", event.attempt);
    w.json("i", event.input);
  }
  void operator()(const TaskAwaiting& event) const {
    Writer w(out, path, "ta");
    w.task(event.task);
    w.number("n", event.attempt);
    w.number("w", static_cast<std::int64_t>(event.waits_for));
    w.json("i", event.input);
    w.time("d", event.deadline);
    w.json("o", event.response);
  }
  void operator()(const TaskDeferred& event) const {
    Writer w(out, path, "td");
    w.task(event.task);
    w.time("d", event.due);
  }
  void operator()(const ScopeOpened& event) const {
    Writer w(out, path, "so");
    w.number("c", event.scope);
    w.number("b", event.body);
    if (event.owner) w.task(*event.owner);
    if (!event.owner) w.number("p", event.parent);
    if (event.index > 0) w.number("n", event.index);
  }
  void operator()(const ScopeClosed& event) const {
    Writer w(out, path, "sc");
    w.number("c", event.scope);
    if (event.outcome != ScopeOutcome::completed)
      w.number("w", static_cast<std::int64_t>(event.outcome));
    w.json("o", event.output);
    if (event.error) w.error(*event.error);
  }
  void operator()(const ErrorCaught& event) const {
    Writer w(out, path, "xc");
    w.task(event.task);
    w.number("n", event.attempt);
    w.number("w", event.clause);
    w.error(event.error);
  }
  void operator()(const CleanupStarted& event) const {
    Writer w(out, path, "tl");
    w.task(event.task);
    w.number("n", event.attempt);
    w.json("o", event.output);
    if (event.error) w.error(*event.error);
    if (event.canceled) w.number("k", 1);
  }
  void operator()(const UndoRegistered& event) const {
    Writer w(out, path, "tu");
    w.task(event.task);
    w.json("i", event.input);
    w.json("v", event.view);
    if (event.error) w.error(*event.error);
  }
  void operator()(const SignalReceived& event) const {
    Writer w(out, path, "sr");
    if (!event.id.empty()) w.text("y", event.id);
    w.text("m", event.name);
    if (!event.correlation.empty()) w.text("k", event.correlation);
    w.json("o", event.payload);
  }
  void operator()(const SignalTaken& event) const {
    Writer w(out, path, "st");
    w.task(event.task);
    w.number("n", static_cast<std::int64_t>(event.signal));
  }
  void operator()(const IncidentRaised& event) const {
    Writer w(out, path, "ti");
    w.task(event.task);
    w.number("n", event.attempt);
    w.error(event.error);
  }
  void operator()(const ExecutionQueued& event) const {
    Writer w(out, path, "eq");
    w.text("k", event.key);
    w.number("n", event.limit);
    w.number("w", static_cast<std::int64_t>(event.policy));
  }
  void operator()(const ExecutionAdmitted&) const { Writer w(out, path, "ea"); }
  void operator()(const ExecutionFailing& event) const {
    Writer w(out, path, "eg");
    w.error(event.error);
    w.time("d", event.deadline);
  }
  void operator()(const ExecutionPaused&) const { Writer w(out, path, "ep"); }
  void operator()(const ExecutionResumed&) const { Writer w(out, path, "er"); }
  void operator()(const ExecutionCompleted& event) const {
    Writer w(out, path, "ec");
    w.json("o", event.output);
  }
  void operator()(const ExecutionFailed& event) const {
    Writer w(out, path, "ef");
    w.error(event.error);
  }
  void operator()(const ExecutionCanceled& event) const {
    Writer w(out, path, "ex");
    w.text("m", event.reason);
  }
};

std::optional<Parent> parent_from_json(const Json& value) {
  constexpr std::size_t members = 6;
  if (!value.is_array() || value.get_array().size() != members) return std::nullopt;
  const JsonArray& list = value.get_array();
  if (!list[0].is_string()) return std::nullopt;
  auto id = parse_id<ExecutionId>(text_view(list[0].get_string()));
  if (!id) return std::nullopt;
  auto at = [&list](std::size_t i) {
    return list[i].is_int64() ? static_cast<std::uint32_t>(list[i].get_int64()) : 0u;
  };
  return Parent{.execution = *id,
                .task = {.scope = at(1), .task = at(2)},
                .attempt = at(3),
                .depth = at(4),
                .waits = at(5) != 0};
}

// Reads the members of one event. Missing numbers are 0: history is written by us, so damage shows
// as an unknown kind or as text that is no JSON, and both are errors.
struct Reader {
  const JsonObject& object;

  TaskRef task() const {
    return {.scope = static_cast<ScopeId>(get_int(object, "s")),
            .task = static_cast<workflow::TaskNumber>(get_int(object, "t"))};
  }
  std::uint32_t attempt() const { return count("n"); }
  std::uint32_t count(std::string_view key) const {
    return static_cast<std::uint32_t>(get_int(object, key));
  }
  std::optional<Timestamp> time() const {
    const Json* value = object.if_contains("d");
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return from_micros(value->get_int64());
  }
  Timestamp due() const { return time().value_or(Timestamp{}); }
  SharedJson json(std::string_view key) const {
    const Json* value = object.if_contains(json_view(key));
    return value == nullptr ? nullptr : share(*value);
  }
  std::string text() const { return get_string(object, "m"); }
  std::optional<Parent> parent() const {
    const Json* value = object.if_contains("a");
    if (value == nullptr) return std::nullopt;
    return parent_from_json(*value);
  }
  std::optional<Error> error_if_any() const {
    if (!object.contains("x")) return std::nullopt;
    return error();
  }
  Error error() const {
    const Json* value = object.if_contains("x");
    if (value == nullptr || !value->is_object()) return make_error(error_code::internal, "");
    const JsonObject& members = value->get_object();
    return make_error(get_string(members, "code"), get_string(members, "detail"),
                      get_string(members, "instance"));
  }
};

std::optional<EventBody> read_execution_event(std::string_view kind, const Reader& r) {
  if (kind == "es") {
    auto workflow = parse_id<WorkflowId>(get_string(r.object, "w"));
    if (!workflow) return std::nullopt;
    return ExecutionStarted{.workflow = *workflow,
                            .revision = static_cast<std::uint32_t>(get_int(r.object, "r", 1)),
                            .input = r.json("i"),
                            .context = r.json("c"),
                            .env = r.json("v"),
                            .deadline = r.time(),
                            .key = get_string(r.object, "y"),
                            .public_url = get_string(r.object, "u"),
                            .parent = r.parent()};
  }
  if (kind == "eq") {
    return ExecutionQueued{.key = get_string(r.object, "k"),
                           .limit = r.count("n"),
                           .policy = static_cast<workflow::ConcurrencyPolicy>(r.count("w"))};
  }
  if (kind == "ea") return ExecutionAdmitted{};
  if (kind == "eg") return ExecutionFailing{.error = r.error(), .deadline = r.time()};
  if (kind == "ep") return ExecutionPaused{};
  if (kind == "er") return ExecutionResumed{};
  if (kind == "ec") return ExecutionCompleted{.output = r.json("o")};
  if (kind == "ef") return ExecutionFailed{.error = r.error()};
  if (kind == "ex") return ExecutionCanceled{.reason = r.text()};
  return std::nullopt;
}

std::optional<EventBody> read_scope_event(std::string_view kind, const Reader& r) {
  if (kind == "so") {
    bool owned = r.object.contains("t");
    return ScopeOpened{.scope = r.count("c"),
                       .body = r.count("b"),
                       .owner = owned ? std::optional(r.task()) : std::nullopt,
                       .parent = owned ? r.task().scope : r.count("p"),
                       .index = r.count("n")};
  }
  if (kind == "sc") {
    return ScopeClosed{.scope = r.count("c"),
                       .outcome = static_cast<ScopeOutcome>(r.count("w")),
                       .output = r.json("o"),
                       .error = r.error_if_any()};
  }
  if (kind == "sr") {
    return SignalReceived{.id = get_string(r.object, "y"),
                          .name = r.text(),
                          .correlation = get_string(r.object, "k"),
                          .payload = r.json("o")};
  }
  if (kind == "st")
    return SignalTaken{.task = r.task(), .signal = static_cast<std::uint64_t>(r.count("n"))};
  return read_execution_event(kind, r);
}

// What came with tasks that hold others, wait for somebody or have handlers.
std::optional<EventBody> read_structure_event(std::string_view kind, const Reader& r) {
  if (kind == "tb") {
    return TaskStarted{
        .task = r.task(), .attempt = r.attempt(), .input = r.json("i"), .deadline = r.time()};
  }
  if (kind == "tq")
    return TaskQueued{.task = r.task(), .attempt = r.attempt(), .input = r.json("i")};
  if (kind == "ta") {
    return TaskAwaiting{.task = r.task(),
                        .attempt = r.attempt(),
                        .waits_for = static_cast<WaitsFor>(r.count("w")),
                        .input = r.json("i"),
                        .deadline = r.time(),
                        .response = r.json("o")};
  }
  if (kind == "td") return TaskDeferred{.task = r.task(), .due = r.due()};
  if (kind == "xc") {
    return ErrorCaught{
        .task = r.task(), .attempt = r.attempt(), .clause = r.count("w"), .error = r.error()};
  }
  if (kind == "tl") {
    return CleanupStarted{.task = r.task(),
                          .attempt = r.attempt(),
                          .output = r.json("o"),
                          .error = r.error_if_any(),
                          .canceled = r.count("k") != 0};
  }
  if (kind == "tu") {
    return UndoRegistered{
        .task = r.task(), .input = r.json("i"), .view = r.json("v"), .error = r.error_if_any()};
  }
  if (kind == "ti")
    return IncidentRaised{.task = r.task(), .attempt = r.attempt(), .error = r.error()};
  return read_scope_event(kind, r);
}

std::optional<EventBody> read_event(std::string_view kind, const Reader& r) {
  if (kind == "ts") {
    return TaskScheduled{
        .task = r.task(), .attempt = r.attempt(), .input = r.json("i"), .deadline = r.time()};
  }
  if (kind == "tc")
    return TaskCompleted{.task = r.task(), .attempt = r.attempt(), .output = r.json("o")};
  if (kind == "tw") return TaskWaiting{.task = r.task(), .due = r.due()};
  if (kind == "af") {
    return AttemptFailed{
        .task = r.task(), .attempt = r.attempt(), .error = r.error(), .retry_at = r.due()};
  }
  if (kind == "tf") {
    return TaskFailed{.task = r.task(),
                      .attempt = r.attempt(),
                      .error = r.error(),
                      .fails_scope = get_int(r.object, "k") == 0};
  }
  if (kind == "tk") return TaskSkipped{.task = r.task(), .reason = r.text()};
  if (kind == "tx") return TaskCanceled{.task = r.task(), .reason = r.text()};
  return read_structure_event(kind, r);
}

Error damaged(std::string what) {
  return make_error(error_code::storage,
                    "a row of history can't be read: " + what +
                        "; it is damaged, or a newer version of Harmonia wrote it");
}

}  // namespace

void append_events_text(std::string& out, const std::vector<Event>& events) {
  ASSERT(!events.empty());
  out += '[';
  out += std::to_string(events.front().seq);
  out += ',';
  out += std::to_string(to_micros(events.front().at));
  for (const Event& event : events) {
    // One commit is one decision: its events follow each other and happened at one time.
    ASSERT(event.at == events.front().at);
    out += ',';
    std::visit(EventWriter{out, event.path}, event.body);
  }
  out += ']';
}

Result<std::vector<Event>> parse_events_text(std::string_view text) {
  TRY(Json parsed, parse_json(text, {.depth_max = 256, .size_max = static_cast<std::size_t>(-1)}));
  if (!parsed.is_array() || parsed.get_array().size() < 3)
    return damaged("it is no array of events");
  const JsonArray& row = parsed.get_array();
  if (!row[0].is_int64() || !row[1].is_int64())
    return damaged("it does not begin with a number and a time");
  auto seq = static_cast<std::uint64_t>(row[0].get_int64());
  Timestamp at = from_micros(row[1].get_int64());
  std::vector<Event> events;
  events.reserve(row.size() - 2);
  for (std::size_t i = 2; i < row.size(); ++i) {
    if (!row[i].is_object()) return damaged("an event is no object");
    std::string kind = get_string(row[i].get_object(), "e");
    auto body = read_event(kind, Reader{row[i].get_object()});
    if (!body) return damaged("event kind '" + kind + "' is unknown");
    events.push_back({.seq = seq++,
                      .at = at,
                      .body = std::move(*body),
                      .path = get_string(row[i].get_object(), "q")});
  }
  return events;
}

}  // namespace harmonia::execution
