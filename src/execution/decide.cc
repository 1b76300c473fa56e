#include "execution/decide.h"

#include <algorithm>

#include "execution/decide_lifecycle.h"
#include "execution/decide_report.h"
#include "execution/decide_timer.h"

namespace harmonia::execution {

std::string_view command_name(const CommandBody& body) {
  struct Names {
    std::string_view operator()(const Start&) const { return "start"; }
    std::string_view operator()(const Report&) const { return "report"; }
    std::string_view operator()(const TimerFired&) const { return "timer_fired"; }
    std::string_view operator()(const LeaseExpired&) const { return "lease_expired"; }
    std::string_view operator()(const Pause&) const { return "pause"; }
    std::string_view operator()(const Resume&) const { return "resume"; }
    std::string_view operator()(const Cancel&) const { return "cancel"; }
  };
  return std::visit(Names{}, body);
}

Decision decide(const workflow::Definition& definition, State state, const Command& command) {
  // Clocks may step back between two commands; a run's history never does.
  Timestamp now = std::max(command.now, state.last_at);
  Draft draft(definition, std::move(state), now);
  struct Decider {
    Draft& draft;
    Outcome operator()(const Start& start) const { return decide_start(draft, start); }
    Outcome operator()(const Report& report) const { return decide_report(draft, report); }
    Outcome operator()(const TimerFired& timer) const { return decide_timer(draft, timer); }
    Outcome operator()(const LeaseExpired& lease) const {
      return decide_lease_expired(draft, lease);
    }
    Outcome operator()(const Pause&) const { return decide_pause(draft); }
    Outcome operator()(const Resume&) const { return decide_resume(draft); }
    Outcome operator()(const Cancel& cancel) const { return decide_cancel(draft, cancel); }
  };
  bool exists = draft.state().exists();
  if (!exists && !std::holds_alternative<Start>(command.body)) {
    return std::move(draft).refuse(make_error(error_code::not_found, "there is no such execution"));
  }
  Outcome refusal = std::visit(Decider{draft}, command.body);
  if (refusal) return std::move(draft).refuse(std::move(*refusal));
  return std::move(draft).accept();
}

}  // namespace harmonia::execution
