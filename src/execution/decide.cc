#include "execution/decide.h"

#include <algorithm>

#include "execution/decide_lifecycle.h"
#include "execution/decide_relations.h"
#include "execution/decide_report.h"
#include "execution/decide_signal.h"
#include "execution/decide_timer.h"
#include "execution/settle.h"

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
    std::string_view operator()(const Signal&) const { return "signal"; }
    std::string_view operator()(const DecideApproval&) const { return "decide_approval"; }
    std::string_view operator()(const Callback&) const { return "callback"; }
    std::string_view operator()(const ResolveIncident&) const { return "resolve_incident"; }
    std::string_view operator()(const Grant&) const { return "grant"; }
    std::string_view operator()(const Deny&) const { return "deny"; }
    std::string_view operator()(const ChildEnded&) const { return "child_ended"; }
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
    Outcome operator()(const Pause& pause) const { return decide_pause(draft, pause); }
    Outcome operator()(const Resume&) const { return decide_resume(draft); }
    Outcome operator()(const Cancel& cancel) const { return decide_cancel(draft, cancel); }
    Outcome operator()(const Signal& signal) const { return decide_signal(draft, signal); }
    Outcome operator()(const DecideApproval& decision) const {
      return decide_approval(draft, decision);
    }
    Outcome operator()(const Callback& callback) const { return decide_callback(draft, callback); }
    Outcome operator()(const ResolveIncident& resolution) const {
      return decide_incident(draft, resolution);
    }
    Outcome operator()(const Grant& grant) const { return decide_grant(draft, grant); }
    Outcome operator()(const Deny& denial) const { return decide_deny(draft, denial); }
    Outcome operator()(const ChildEnded& ended) const { return decide_child_ended(draft, ended); }
  };
  bool exists = draft.state().exists();
  if (!exists && !std::holds_alternative<Start>(command.body)) {
    return std::move(draft).refuse(make_error(error_code::not_found, "there is no such execution"));
  }
  Outcome refusal = std::visit(Decider{draft}, command.body);
  if (refusal) return std::move(draft).refuse(std::move(*refusal));
  settle(draft);
  return std::move(draft).accept();
}

}  // namespace harmonia::execution
