#include <gtest/gtest.h>

#include "execution/event.h"

namespace harmonia::execution {
namespace {

constexpr Timestamp at = from_micros(1'767'225'600'000'001);

std::vector<EventBody> one_of_each() {
  TaskRef task{.scope = 0, .task = 3};
  TaskRef nested{.scope = 7, .task = 4};
  Error error = make_error("http_503", "busy \"now\"\n", "fetch");
  SharedJson json = share(JsonObject{{"a", 1.5}, {"b", nullptr}});
  return {ExecutionStarted{.workflow = {make_uuid_v7(1, 2, 3)},
                           .revision = 4,
                           .input = json,
                           .context = json,
                           .env = json,
                           .deadline = at},
          TaskScheduled{.task = task, .attempt = 1, .input = json, .deadline = at},
          TaskScheduled{.task = nested, .attempt = 2},
          TaskWaiting{.task = task, .due = at},
          AttemptFailed{.task = task, .attempt = 2, .error = error, .retry_at = at},
          TaskCompleted{.task = nested, .attempt = 2, .output = share(nullptr)},
          TaskFailed{.task = task, .attempt = 2, .error = error, .fails_scope = false},
          TaskFailed{.task = task, .attempt = 0, .error = error},
          TaskSkipped{.task = task, .reason = "why"},
          TaskCanceled{.task = task, .reason = "why"},
          ExecutionPaused{},
          ExecutionResumed{},
          ExecutionCompleted{.output = json},
          ExecutionFailed{.error = error},
          ExecutionCanceled{.reason = "changed my mind"}};
}

TEST(EventText, every_event_survives_a_round_trip) {
  std::vector<Event> events;
  for (EventBody& body : one_of_each())
    events.push_back({.seq = 41 + events.size(), .at = at, .body = body});
  std::string text;
  append_events_text(text, events);
  auto parsed = parse_events_text(text);
  ASSERT_TRUE(parsed.ok()) << parsed.error().detail;
  ASSERT_EQ(parsed->size(), events.size());
  EXPECT_EQ(parsed->front().seq, 41u);
  EXPECT_EQ(parsed->back().at, at);
  std::string again;
  append_events_text(again, *parsed);
  EXPECT_EQ(again, text);
}

// Histories are for ever: if this fails, old ones can't be read as before. Add an event instead of
// changing one.
TEST(EventText, the_bytes_are_frozen) {
  std::vector<Event> events = {
      {.seq = 5,
       .at = at,
       .body = TaskCompleted{.task = {.scope = 0, .task = 3}, .attempt = 1, .output = share(7)}},
      {.seq = 6,
       .at = at,
       .body = TaskScheduled{.task = {.scope = 2, .task = 4}, .attempt = 1, .input = share("x")}}};
  std::string text;
  append_events_text(text, events);
  EXPECT_EQ(
      text,
      R"([5,1767225600000001,{"e":"tc","t":3,"n":1,"o":7},{"e":"ts","s":2,"t":4,"n":1,"i":"x"}])");
}

// Of tasks that hold others, wait for somebody or have handlers.
std::vector<EventBody> structural_events() {
  TaskRef ref{.scope = 2, .task = 4};
  Error error = make_error("http_503", "busy");
  return {TaskStarted{.task = ref, .attempt = 2, .input = share(JsonArray{1}), .deadline = at},
          TaskQueued{.task = ref, .attempt = 1, .input = share(JsonObject{})},
          TaskAwaiting{.task = ref, .waits_for = WaitsFor::approval, .input = share("i")},
          TaskDeferred{.task = ref, .due = at},
          ScopeOpened{.scope = 3, .body = 1, .owner = ref, .parent = 2, .index = 5},
          ScopeOpened{.scope = 4, .body = 2, .parent = 1},
          ScopeClosed{.scope = 3, .output = share(1)},
          ScopeClosed{.scope = 4, .outcome = ScopeOutcome::failed, .error = error},
          ErrorCaught{.task = ref, .attempt = 1, .clause = 1, .error = error},
          CleanupStarted{.task = ref, .attempt = 1, .output = share("o")},
          CleanupStarted{.task = ref, .attempt = 1, .error = error, .canceled = true},
          UndoRegistered{.task = ref, .input = share("u")},
          UndoRegistered{.task = ref, .view = share("v"), .error = error},
          SignalReceived{.id = "i", .name = "n", .correlation = "c", .payload = share(1)},
          SignalTaken{.task = ref, .signal = 9},
          IncidentRaised{.task = ref, .attempt = 3, .error = error},
          ExecutionQueued{.key = "k", .limit = 2},
          ExecutionAdmitted{},
          ExecutionFailing{.error = error, .deadline = at}};
}

TEST(EventText, the_bytes_of_structural_events_are_frozen) {
  std::vector<Event> events;
  for (EventBody& body : structural_events())
    events.push_back(
        {.seq = 7 + events.size(), .at = at, .body = std::move(body), .path = "p[1]/x"});
  std::string text;
  append_events_text(text, events);
  EXPECT_EQ(text,
            R"([7,1767225600000001,{"e":"tb","s":2,"t":4,"n":2,"i":[1],"d":1767225600000001)"
            R"(,"q":"p[1]/x"},)"
            R"({"e":"tq","s":2,"t":4,"n":1,"i":{},"q":"p[1]/x"},)"
            R"({"e":"ta","s":2,"t":4,"n":1,"w":3,"i":"i","q":"p[1]/x"},)"
            R"({"e":"td","s":2,"t":4,"d":1767225600000001,"q":"p[1]/x"},)"
            R"({"e":"so","c":3,"b":1,"s":2,"t":4,"n":5,"q":"p[1]/x"},)"
            R"({"e":"so","c":4,"b":2,"p":1,"q":"p[1]/x"},)"
            R"({"e":"sc","c":3,"o":1,"q":"p[1]/x"},)"
            R"({"e":"sc","c":4,"w":1,"x":{"code":"http_503","detail":"busy"},"q":"p[1]/x"},)"
            R"({"e":"xc","s":2,"t":4,"n":1,"w":1)"
            R"(,"x":{"code":"http_503","detail":"busy"},"q":"p[1]/x"},)"
            R"({"e":"tl","s":2,"t":4,"n":1,"o":"o","q":"p[1]/x"},)"
            R"({"e":"tl","s":2,"t":4,"n":1,"x":{"code":"http_503","detail":"busy"},"k":1)"
            R"(,"q":"p[1]/x"},)"
            R"({"e":"tu","s":2,"t":4,"i":"u","q":"p[1]/x"},)"
            R"({"e":"tu","s":2,"t":4,"v":"v","x":{"code":"http_503","detail":"busy"})"
            R"(,"q":"p[1]/x"},)"
            R"({"e":"sr","y":"i","m":"n","k":"c","o":1,"q":"p[1]/x"},)"
            R"({"e":"st","s":2,"t":4,"n":9,"q":"p[1]/x"},)"
            R"({"e":"ti","s":2,"t":4,"n":3,"x":{"code":"http_503","detail":"busy"},"q":"p[1]/x"},)"
            R"({"e":"eq","k":"k","n":2,"w":0,"q":"p[1]/x"},)"
            R"({"e":"ea","q":"p[1]/x"},)"
            R"({"e":"eg","x":{"code":"http_503","detail":"busy"},"d":1767225600000001)"
            R"(,"q":"p[1]/x"}])");
  auto read = parse_events_text(text);
  ASSERT_TRUE(read.ok());
  std::string again;
  append_events_text(again, *read);
  EXPECT_EQ(again, text);
}

TEST(EventText, damaged_rows_are_errors) {
  for (std::string_view text :
       {"", "[]", "[1,2]", "{}", R"([1,2,{"e":"??"}])", R"([1,2,3])", R"(["a",2,{"e":"ep"}])",
        R"([1,2,{"e":"es","w":"no uuid"}])", R"([1,2,{"e":"ep"})"}) {
    EXPECT_FALSE(parse_events_text(text).ok()) << text;
  }
}

}  // namespace
}  // namespace harmonia::execution
