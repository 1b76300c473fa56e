// Simulates the engine, its store and its runners from seeds: `simulation --help`. The last line is
// `N seeds, M commands: all laws hold`, or says which law was broken and how to see it again.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <optional>
#include <unistd.h>

#include "base/log.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/shrink.h"

// A broken assumption of the program is a broken law here, with its seed and all.
namespace harmonia {
void assertion_failed(const char* condition, const char* file, int line) {
  simulation::break_law("assertion",
                        std::string(condition) + " (" + file + ":" + std::to_string(line) + ")");
}
}  // namespace harmonia

namespace {

using namespace harmonia::simulation;

constexpr const char* usage = R"(usage: simulation [OPTION...]

Runs the engine, its store and its runners in a simulated world, drawn from a seed: random
workflows, people and runners who do anything at any time, crashes, a failing disk, a clock that
jumps. Everything that must hold is checked (docs/testing.md, Simulation).

  --seed N            this one only
  --seeds A..B        these; 1..100
  --from N            these and further ones, until --seconds or --total is reached
  --seconds N         stop after so much CPU time
  --total N           stop when so many commands have been handled
  --commands N        commands in each world; 300
  --trace             print every step and every event
  --coverage          print how often what happened
  --require-coverage  fail when something that should happen did not (not if cut short by time)
  --shrink-seconds N  time for making a failing world small; 60, 0 for not at all
  --output FOLDER     where a shrunk scenario is written; the folder for temporary files

The same seed and the same --commands give the same world.
)";

struct Options {
  std::uint64_t from = 1;
  std::optional<std::uint64_t> to = 100;  // none: without end
  std::uint64_t commands = 300;
  double seconds = 0;  // 0: no bound
  std::uint64_t total = 0;
  bool trace = false;
  bool coverage = false;
  bool require_coverage = false;
  long shrink_seconds = 60;
  std::string output;
};

std::optional<std::uint64_t> number(const char* text) {
  char* end = nullptr;
  if (text == nullptr || *text < '0' || *text > '9') return std::nullopt;
  std::uint64_t value = std::strtoull(text, &end, 10);
  if (*end != '\0') return std::nullopt;
  return value;
}

bool read_seeds(const char* text, Options& options) {
  if (text == nullptr) return false;
  std::string range = text;
  auto dots = range.find("..");
  if (dots == std::string::npos) return false;
  auto from = number(range.substr(0, dots).c_str());
  auto to = number(range.c_str() + dots + 2);
  if (!from || !to) return false;
  options.from = *from;
  options.to = *to;
  return true;
}

// False: there is no such option, or its value is not one.
bool read_option(const std::string& name, const char* value, Options& options, bool& took_value) {
  took_value = false;
  if (name == "--trace") return options.trace = true;
  if (name == "--coverage") return options.coverage = true;
  if (name == "--require-coverage") return options.require_coverage = true;
  took_value = true;
  if (name == "--seeds") return read_seeds(value, options);
  if (name == "--output" && value != nullptr) {
    options.output = value;
    return true;
  }
  auto read = number(value);
  if (!read) return false;
  if (name == "--seed") {
    options.from = *read;
    options.to = read;
  } else if (name == "--from") {
    options.from = *read;
    options.to.reset();
  } else if (name == "--commands") {
    options.commands = *read;
  } else if (name == "--seconds") {
    options.seconds = static_cast<double>(*read);
  } else if (name == "--total") {
    options.total = *read;
  } else if (name == "--shrink-seconds") {
    options.shrink_seconds = static_cast<long>(*read);
  } else {
    return false;
  }
  return true;
}

// For signals, which end everything: which seed it was.
char dying_words[256];

void on_signal(int signal) {
  std::size_t length = std::strlen(dying_words);
  [[maybe_unused]] auto written = write(STDOUT_FILENO, dying_words, length);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void prepare_for_death(std::uint64_t seed, std::uint64_t commands) {
  std::snprintf(dying_words, sizeof dying_words,
                "the program died; see it again with\n"
                "  build/tests/simulation --seed %llu --commands %llu\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(commands));
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::string temporary_folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder == nullptr ? "/tmp" : folder;
}

void report_broken(Scenario scenario, BrokenLaw broken, const Options& options) {
  std::printf(
      "seed %llu breaks the law `%s`:\n  %s\nsee it again with\n"
      "  build/tests/simulation --seed %llu --commands %llu --trace\n",
      static_cast<unsigned long long>(scenario.seed), broken.law.c_str(), broken.detail.c_str(),
      static_cast<unsigned long long>(scenario.seed),
      static_cast<unsigned long long>(options.commands));
  std::fflush(stdout);
  if (options.shrink_seconds == 0) return;
  std::size_t steps = scenario.steps.size();
  scenario = shrink(std::move(scenario), broken.law, std::chrono::seconds(options.shrink_seconds));
  Coverage ignored;
  Outcome again = run_world(scenario, {}, ignored);
  std::printf("shrunk from %zu steps to %zu:\n", steps, scenario.steps.size());
  for (const auto& text : scenario.texts) std::printf("  %s\n", harmonia::to_text(text).c_str());
  for (const Step& step : scenario.steps) std::printf("  %s\n", describe(step).c_str());
  if (again.broken) std::printf("  -> %s\n", again.broken->detail.c_str());
  std::string folder = options.output.empty() ? temporary_folder() : options.output;
  std::string path = folder + "/harmonia-simulation-" + std::to_string(scenario.seed) + ".wft";
  std::ofstream(path) << to_wft(scenario, again.broken ? *again.broken : broken);
  std::printf("as a scenario: %s\n", path.c_str());
}

// What one seed in so many does it does twice: the same must come of it.
bool is_deterministic(std::uint64_t seed, const Outcome& first, const Options& options) {
  constexpr std::uint64_t one_in = 16;
  if (seed % one_in != 0) return true;
  Scenario scenario = Scenario::draw(seed);
  Coverage ignored;
  Outcome second = run_world(scenario, {.commands = options.commands}, ignored);
  if (second.digest == first.digest && second.commands == first.commands) return true;
  std::printf("seed %llu gives another history the second time\n",
              static_cast<unsigned long long>(seed));
  return false;
}

int run(const Options& options) {
  Coverage coverage;
  std::uint64_t seeds = 0;
  std::uint64_t commands = 0;
  std::uint64_t commits = 0;
  double begin = cpu_seconds();
  bool cut_short = false;
  auto goes_on = [&](std::uint64_t seed) {
    if (options.to && seed > *options.to) return false;
    if (options.total > 0 && commands >= options.total) return false;
    cut_short = options.seconds > 0 && cpu_seconds() - begin >= options.seconds;
    return !cut_short;
  };
  for (std::uint64_t seed = options.from; goes_on(seed); ++seed) {
    prepare_for_death(seed, options.commands);
    Scenario scenario = Scenario::draw(seed);
    Outcome outcome =
        run_world(scenario, {.commands = options.commands, .trace = options.trace}, coverage);
    if (outcome.broken) {
      report_broken(std::move(scenario), *outcome.broken, options);
      return 1;
    }
    if (!is_deterministic(seed, outcome, options)) return 1;
    ++seeds;
    commands += outcome.commands;
    commits += outcome.commits;
  }
  if (options.coverage) std::printf("%s", coverage.table().c_str());
  auto missing = coverage.missing();
  for (const std::string& one : missing) {
    if (options.coverage || options.require_coverage)
      std::printf("never happened: %s\n", one.c_str());
  }
  double seconds = cpu_seconds() - begin;
  bool fails = options.require_coverage && !cut_short && !missing.empty();
  std::printf("%llu seeds, %llu commands, %llu commits in %.1f s (%.0f commands/s): %s\n",
              static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(commands),
              static_cast<unsigned long long>(commits), seconds,
              static_cast<double>(commands) / seconds,
              fails ? "something never happened" : "all laws hold");
  return fails ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    if (name == "--help") {
      std::printf("%s", usage);
      return 0;
    }
    bool took_value = false;
    if (!read_option(name, i + 1 < argc ? argv[i + 1] : nullptr, options, took_value)) {
      std::fprintf(stderr, "simulation: %s is not understood; see --help\n", name.c_str());
      return 2;
    }
    if (took_value) ++i;
  }
  // What the engine logs about a failing disk is what was asked for.
  if (!options.trace && std::freopen("/dev/null", "w", stderr) == nullptr) return 2;
  harmonia::log::configure({.level = harmonia::log::Level::error});
  for (int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE}) std::signal(signal, on_signal);
  return run(options);
}
