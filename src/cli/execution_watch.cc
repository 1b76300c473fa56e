#include "cli/execution_watch.h"

#include <chrono>
#include <thread>

#include "cli/exit_code.h"
#include "cli/report.h"
#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

// Short at first, because most runs are; a run of hours is asked for every two seconds.
class Pace {
 public:
  void wait() {
    std::this_thread::sleep_for(delay_);
    constexpr std::chrono::milliseconds delay_max(2000);
    delay_ = std::min(delay_ * 3 / 2, delay_max);
  }
  void reset() { delay_ = delay_first; }

 private:
  static constexpr std::chrono::milliseconds delay_first{50};
  std::chrono::milliseconds delay_ = delay_first;
};

bool is_over(const std::string& status) {
  return status == "completed" || status == "failed" || status == "canceled";
}

int print_end(const Json& run, bool as_json) {
  std::string status = field(run, "status");
  if (as_json) print_out(to_pretty_text(run) + "\n");
  if (status == "completed") {
    const Json* output = find_pointer(run, "/output");
    if (!as_json && output != nullptr) print_out(to_pretty_text(*output) + "\n");
    return exit_success;
  }
  if (status == "canceled") {
    complain("the run was canceled (" + printable(field(run, "cancel_reason")) + ")");
    return exit_canceled;
  }
  const Json* error = find_pointer(run, "/error");
  std::string code = error != nullptr ? field(*error, "code") : "";
  complain("the run failed: " + code + ": " +
           (error != nullptr ? printable(field(*error, "detail")) : ""));
  if (auto hint = hint_for(code); !hint.empty()) print_error("  hint: " + std::string(hint) + "\n");
  return exit_failed;
}

}  // namespace

std::string execution_path(const std::string& id) {
  return "/api/executions/" + net::percent_encode(id);
}

std::string event_line(const Json& event) {
  std::string line = field(event, "seq");
  line.insert(0, line.size() < 5 ? 5 - line.size() : 0, ' ');
  line += "  " + time_field(event, "timestamp") + "  " + pad(field(event, "event_type"), 18);
  if (std::string task = field(event, "task_id"); task != "-") line += "  " + printable(task);
  if (std::string text = field(event, "message"); text != "-") line += "  " + printable(text);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

int wait_for_end(ApiClient& client, const std::string& id, bool as_json) {
  Pace pace;
  while (true) {
    auto run = client.get(execution_path(id));
    if (!run) return finish_call(run);
    if (is_over(field(*run, "status"))) return print_end(*run, as_json);
    pace.wait();
  }
}

int watch_execution(ApiClient& client, const std::string& id, bool as_json) {
  Pace pace;
  std::string after = "0";
  while (true) {
    // The status is asked for first: what is over then has its last event in the history.
    auto run = client.get(execution_path(id));
    if (!run) return finish_call(run);
    bool was_over = is_over(field(*run, "status"));
    while (true) {
      auto page = client.get(execution_path(id) + "/history?limit=500&after=" + after);
      if (!page) return finish_call(page);
      const JsonArray& events = items_of(*page);
      if (events.empty()) break;
      for (const Json& event : events) print_error(event_line(event));
      after = field(events.back(), "seq");
      pace.reset();
    }
    if (was_over) return print_end(*run, as_json);
    pace.wait();
  }
}

}  // namespace harmonia::cli
