#include "cli/run.h"

#include <csignal>
#include <unistd.h>

#include "cli/answers.h"
#include "cli/attendant.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/report.h"
#include "cli/run_display.h"
#include "cli/run_result.h"
#include "cli/terminal.h"
#include "server/settings.h"
#include "server/signals.h"

namespace harmonia::cli {
namespace {

// How often runs are looked at: short, because a run may take a few milliseconds as a whole.
constexpr std::chrono::milliseconds poll_time(10);

// What is to be run.
struct Job {
  workflow::SharedDefinition definition;
  Json input;
};

// The definition and input of the command line. On failure everything is said and it is exit_usage.
std::optional<Job> prepare(const RunCommand& command) {
  if (command.file == "-" && command.input == "-") {
    complain("standard input can't be the file and the input at once");
    return std::nullopt;
  }
  auto text = read_definition_text(command.file);
  if (!text) {
    complain(text.error());
    return std::nullopt;
  }
  const auto actions = server::built_in_actions();
  auto outcome =
      workflow::parse_definition(*text, workflow::Format::automatic, {}, {.actions = &actions});
  print_error(render_problems(outcome.problems, display_name(command.file)));
  if (!outcome.ok()) {
    complain("nothing was run, because of the errors in " + display_name(command.file));
    return std::nullopt;
  }
  auto input = read_input(command.input);
  if (!input) {
    complain(input.error());
    return std::nullopt;
  }
  return Job{.definition = outcome.definition, .input = std::move(*input)};
}

// One `harmonia run`: its runs, the display, and what Ctrl-C means now.
class Session {
 public:
  Session(const RunCommand& command, Answers answers, server::Embedded& embedded,
          const server::Environment& environment)
      : command_(command),
        embedded_(embedded),
        display_(embedded.watch(), {.shown = !command.no_progress, .environment = environment}),
        attendant_(embedded, display_, std::move(answers)) {}

  Result<int> execute(const std::optional<Job>& job) {
    announce_unfinished();
    TRY_DO(embedded_.start());
    if (job) {
      TRY(auto id, embedded_.start_run(*job->definition, job->input));
      main_run_ = id;
      display_.set_main_run(id);
      TRY_DO(attendant_.attend(id));
    }
    for (ExecutionId id : resumed_) TRY_DO(attendant_.attend(id));
    TRY_DO(follow());
    display_.finish(clock_.now());
    if (is_left_waiting_) return left_waiting();
    if (!main_run_) return left_early_ ? exit_canceled : resumed_exit_code();
    TRY(auto result, embedded_.result_of(*main_run_));
    auto view = embedded_.watch().find(*main_run_);
    print_result(result, view ? view->error_task : std::string(),
                 {.as_json = command_.as_json, .as_text = command_.as_text});
    if (timed_out_ && result.status == server::RunStatus::canceled) return exit_timeout;
    return exit_code_of(result.status);
  }

 private:
  void announce_unfinished() {
    for (const server::UnfinishedRun& run : embedded_.unfinished()) {
      std::string name = printable(run.workflow_name) + " (" + to_string(run.id) + ")";
      if (run.is_paused) {
        display_.say("a run of " + name + " is paused and stays so");
        continue;
      }
      display_.say("finishing the run of " + name + " that an earlier process left");
      display_.add_other_run(run.id);
      resumed_.push_back(run.id);
    }
    if (command_.only_resume && resumed_.empty()) display_.say("no run was left unfinished");
  }

  // Until everything has ended, or the user leaves.
  Result<void> follow() {
    auto begun = clock_.now();
    bool said_others = false;
    while (!left_early_ && !all_ended()) {
      if (signals_.wait(poll_time)) TRY_DO(interrupt());
      auto now = clock_.now();
      if (command_.timeout && !timed_out_ && now - begun >= *command_.timeout) {
        timed_out_ = true;
        TRY_DO(give_up("--timeout passed"));
      }
      display_.update(now);
      TRY_DO(attendant_.look());
      // Nobody who could answer is here: what is durable goes on when somebody is.
      is_left_waiting_ = nobody_answers();
      if (is_left_waiting_) return {};
      if (main_run_ && !said_others && embedded_.watch().has_ended(*main_run_) && !all_ended()) {
        said_others = true;
        display_.say("waiting for the runs left earlier; Ctrl-C leaves them for the next time");
      }
    }
    return {};
  }

  bool all_ended() const {
    const server::RunWatch& watch = embedded_.watch();
    if (main_run_ && !watch.has_ended(*main_run_)) return false;
    if (main_run_ && was_interrupted_) return true;
    for (ExecutionId id : resumed_) {
      // What an earlier run waits for does not keep this command.
      bool waits = main_run_ && (attendant_.is_left_alone(id) || attendant_.is_asking(id));
      if (!watch.has_ended(id) && !waits) return false;
    }
    return true;
  }

  bool nobody_answers() const {
    if (main_run_ && !embedded_.watch().has_ended(*main_run_))
      return attendant_.is_left_alone(*main_run_);
    if (main_run_) return false;
    bool some = false;
    for (ExecutionId id : resumed_) {
      if (embedded_.watch().has_ended(id)) continue;
      if (!attendant_.is_left_alone(id)) return false;
      some = true;
    }
    return some;
  }

  Result<int> left_waiting() {
    display_.say(command_.in_memory
                     ? "nobody is here to answer, and with --memory the run is lost"
                     : "left as it is; `harmonia run --resume` with one of these goes on");
    if (!main_run_) return exit_waiting;
    TRY(auto result, embedded_.result_of(*main_run_));
    print_result(result, {}, {.as_json = command_.as_json, .as_text = command_.as_text});
    return exit_waiting;
  }

  Result<void> interrupt() {
    if (was_interrupted_) leave_at_once();
    was_interrupted_ = true;
    return give_up("Ctrl-C");
  }

  // Cancels the own run; runs of earlier processes are left for the next time.
  Result<void> give_up(std::string reason) {
    bool is_running = main_run_ && !embedded_.watch().has_ended(*main_run_);
    if (!is_running) {
      left_early_ = true;
      display_.say("left unfinished; `harmonia run --resume` goes on with it");
      return {};
    }
    display_.say(reason + ": canceling the run; Ctrl-C again leaves at once");
    auto canceled = embedded_.submit(*main_run_, execution::Cancel{.reason = std::move(reason)});
    // It may have ended in the meantime, which is as good.
    if (!canceled && canceled.error().code != error_code::wrong_state) return canceled.error();
    return {};
  }

  // No destructors: they would wait for what was asked to be left. What is on disk is consistent.
  [[noreturn]] void leave_at_once() {
    print_error("\x1b[?25hleft at once; the next `harmonia run` finishes what is unfinished\n");
    ::_exit(exit_canceled);
  }

  int resumed_exit_code() const {
    int code = exit_success;
    for (ExecutionId id : resumed_) {
      auto view = embedded_.watch().find(id);
      if (!view) continue;
      print_error("run " + to_string(id) + " of " + printable(view->workflow_name) + ": " +
                  std::string(to_string(view->status)) + "\n");
      if (view->status != server::RunStatus::completed) code = exit_failed;
    }
    return code;
  }

  const RunCommand& command_;
  server::Embedded& embedded_;
  server::SystemClock clock_;
  server::SignalWatch signals_;
  RunDisplay display_;
  Attendant attendant_;
  std::optional<ExecutionId> main_run_;
  std::vector<ExecutionId> resumed_;
  bool was_interrupted_ = false;
  bool left_early_ = false;
  bool timed_out_ = false;
  bool is_left_waiting_ = false;
};

Result<server::Settings> settings_of(const RunCommand& command,
                                     const server::Environment& environment) {
  server::SettingSources sources{
      .flags = command.flags, .environment = environment, .config_file = command.config_file};
  // A person looks at the progress; log lines of every start and stop would disturb it.
  sources.flags.try_emplace("log_level", "warning");
  return server::load_settings(sources);
}

}  // namespace

int run(const RunCommand& command, const server::Environment& environment) {
  auto settings = settings_of(command, environment);
  if (!settings) {
    complain(settings.error());
    return exit_usage;
  }
  log::configure({.level = settings->log_level, .format = settings->log_format});
  auto answers = Answers::read(command);
  if (!answers) {
    complain(answers.error());
    return exit_usage;
  }
  std::optional<Job> job;
  if (!command.only_resume) {
    job = prepare(command);
    if (!job) return exit_usage;
  }
  auto embedded =
      server::Embedded::open({.directory = command.in_memory ? "" : settings->data_dir + "/run",
                              .env_allow = settings->env_allow,
                              .environment = environment});
  if (!embedded) {
    complain_with_hint(embedded.error());
    return exit_failed;
  }
  auto code = Session(command, std::move(*answers), **embedded, environment).execute(job);
  if (!code) {
    complain_with_hint(code.error());
    // An input that does not fit the schema of the definition is refused before anything runs.
    bool is_usage = code.error().code == error_code::schema;
    return is_usage ? exit_usage : exit_failed;
  }
  return *code;
}

}  // namespace harmonia::cli
