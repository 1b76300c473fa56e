#pragma once

#include <optional>
#include <vector>

#include "execution/command.h"
#include "execution/event.h"
#include "execution/state.h"

// The engine's heart: three pure functions, decide / evolve (state.h) / owed. No clock, no I/O, no
// lock, no thread.
namespace harmonia::execution {

// What the world must do because of a state.
struct Dispatch {
  TaskRef task;
  std::uint32_t attempt = 1;

  auto operator<=>(const Dispatch&) const = default;
};
struct Wake {
  Timestamp due;
  TimerKind kind = TimerKind::retry;
  TaskRef task;
  std::uint32_t attempt = 0;

  auto operator<=>(const Wake&) const = default;
};

// What a run waits for that others decide. The engine watches it and says so with a command, but
// for approvals and incidents: those are for people, whose lists are made of these rows.
enum class InterestKind : std::uint8_t {
  lock = 0,      // its turn among those with the same key: the first `limit` have it. Then Grant
  event = 1,     // an event of this name and correlation: then Signal
  child = 2,     // the end of a run that it started: then ChildEnded
  parent = 3,    // a run that is to be canceled when its parent goes on without it
  approval = 4,  // somebody's decision: DecideApproval
  incident = 5,  // an operator: ResolveIncident
  aside = 6,     // a place in line for a lock, while the run is paused and others pass
};
struct Interest {
  InterestKind kind = InterestKind::lock;
  std::optional<TaskRef> task = {};  // none: the run itself
  std::uint32_t attempt = 0;
  // event: event_key(name, correlation); child: the id of its execution; approval, incident: empty
  std::string key;
  std::uint32_t limit = 1;                                                  // lock
  workflow::ConcurrencyPolicy policy = workflow::ConcurrencyPolicy::queue;  // lock

  auto operator<=>(const Interest&) const = default;
};
std::string event_key(std::string_view name, std::string_view correlation);

struct Owed {
  std::vector<Dispatch> dispatches = {};
  std::vector<Wake> wakes = {};
  std::vector<Interest> interests = {};
};

// All that is owed: read after a crash instead of replaying anything outward. Nothing once the run
// has ended; no retries and waits while it is paused.
Owed owed(const workflow::Definition& definition, const State& state);

// The difference that one decision made, for the rows of dispatches and timers. Computed from the
// tasks the events touched, so its cost does not grow with the run.
struct OwedDelta {
  Owed added;
  Owed removed;

  bool empty() const {
    return added.dispatches.empty() && added.wakes.empty() && added.interests.empty() &&
           removed.dispatches.empty() && removed.wakes.empty() && removed.interests.empty();
  }
};

// What came of a command. With a refusal there are no events and the state is the one given.
// Without events and without refusal the command changed nothing and is acknowledged (e.g. pause of
// a paused run).
struct Decision {
  State state;
  std::vector<Event> events;
  OwedDelta owed;
  std::optional<Error> refusal;
};

// Decides a command on a state that is moved in and comes back changed by the events
// (docs/adr/0005). Refusals have codes not_found, wrong_state, stale, schema (input), conflict
// (started twice). Expressions are evaluated here and their results stand in the events.
Decision decide(const workflow::Definition& definition, State state, const Command& command);

}  // namespace harmonia::execution
