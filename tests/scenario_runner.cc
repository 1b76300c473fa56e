// Runs scenario files (.wft), and the `wft` examples of pages (.md), in every mode; all modes must
// print the same. The last line is `N passed, M failed`.
//
//   scenario_runner [--update] FILE_OR_FOLDER...
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/log.h"
#include "scenario/runner.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"
#include "tests/markdown_examples.h"

namespace {

using namespace harmonia;
namespace fs = std::filesystem;
using scenario::Mode;

constexpr Mode all_modes[] = {Mode::plain, Mode::sqlite, Mode::crash_each, Mode::reload,
                              Mode::twice};

// The memory store stands for a disk: it outlives the crashes of the engine above it. So it is kept
// by the world, and only the SQLite modes open theirs again.
scenario::World::OpenStore opener(Mode mode, const fs::path& folder) {
  if (mode == Mode::sqlite || mode == Mode::crash_each) {
    return [folder] { return store::open_sqlite_store({.directory = folder.string()}); };
  }
  return []() -> Result<std::unique_ptr<store::Store>> { return store::make_memory_store(); };
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "harmonia-scenario-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<fs::path> collect_files(const std::vector<std::string>& arguments) {
  std::vector<fs::path> files;
  for (const std::string& argument : arguments) {
    if (!fs::is_directory(argument)) {
      files.emplace_back(argument);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(argument)) {
      bool known = entry.path().extension() == ".wft" || entry.path().extension() == ".md";
      if (known) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Empty: as expected.
std::string run_in_mode(const scenario::ScenarioFile& file, const std::string& name, Mode mode,
                        std::string* updated) {
  TemporaryFolder folder;
  auto world = scenario::World::create(mode, opener(mode, folder.path()));
  if (!world.ok()) return name + ": " + world.error().detail + "\n";
  auto report = scenario::run_scenario(file, **world);
  if (!report.ok()) return report.error().detail + "\n";
  if (updated != nullptr) *updated = scenario::render_scenario(report->updated);
  std::string text;
  for (const auto& mismatch : report->mismatches) text += scenario::render_mismatch(mismatch, mode);
  return text;
}

// A scenario: a file, or an example in a page.
struct Scenario {
  fs::path path;
  std::string text;
  std::size_t begin = 0;  // of the text in its file
  int line = 1;
};

std::vector<Scenario> read_scenarios(const fs::path& path) {
  std::string text = read_file(path);
  if (path.extension() != ".md") return {{.path = path, .text = std::move(text)}};
  std::vector<Scenario> scenarios;
  for (auto& example : harmonia::markdown::find_examples(text, "wft")) {
    scenarios.push_back({.path = path,
                         .text = std::move(example.text),
                         .begin = example.begin,
                         .line = example.line});
  }
  return scenarios;
}

// With the output of this run instead of what was expected.
void rewrite(const Scenario& scenario, const std::string& updated) {
  std::string text = read_file(scenario.path);
  text.replace(scenario.begin, scenario.text.size(), updated);
  std::ofstream(scenario.path) << text;
}

bool run_one(const Scenario& scenario, bool update) {
  std::string name = scenario.path.string();
  auto file = scenario::parse_scenario(scenario.text, {.file = name, .first_line = scenario.line});
  if (!file.ok()) {
    std::printf("%s\n", file.error().detail.c_str());
    return false;
  }
  if (update) {
    std::string updated;
    std::string failure = run_in_mode(*file, name, Mode::plain, &updated);
    if (!updated.empty()) rewrite(scenario, updated);
    if (updated.empty()) std::printf("%s", failure.c_str());
    return !updated.empty();
  }
  bool passed = true;
  for (Mode mode : all_modes) {
    if (!scenario::runs_in(*file, mode)) continue;
    std::string failure = run_in_mode(*file, name, mode, nullptr);
    if (failure.empty()) continue;
    std::printf("%s", failure.c_str());
    passed = false;
  }
  return passed;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  log::configure({.level = log::Level::warning});
  bool update = std::erase(arguments, "--update") > 0;
  auto files = collect_files(arguments);
  int failed = 0;
  int count = 0;
  for (const auto& file : files) {
    auto scenarios = read_scenarios(file);
    // From the end, so that rewriting one does not move those before it.
    for (auto scenario = scenarios.rbegin(); scenario != scenarios.rend(); ++scenario) {
      failed += run_one(*scenario, update) ? 0 : 1;
      ++count;
    }
  }
  std::printf("%d passed, %d failed\n", count - failed, failed);
  return failed > 0 || count == 0 ? 1 : 0;
}
