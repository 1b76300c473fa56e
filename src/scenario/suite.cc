#include "scenario/suite.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "scenario/files.h"
#include "scenario/markdown.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"

namespace harmonia::scenario {
namespace {

namespace fs = std::filesystem;

// The memory store stands for a disk: it outlives the crashes of the engine above it. So it is kept
// by the world, and only the SQLite modes open theirs again.
World::OpenStore opener(Mode mode, const fs::path& folder) {
  if (mode == Mode::sqlite || mode == Mode::crash_each) {
    return [folder] { return store::open_sqlite_store({.directory = folder.string()}); };
  }
  return []() -> Result<std::unique_ptr<store::Store>> { return store::make_memory_store(); };
}

// In memory where the system has such a place: it is the process that dies here, not the machine,
// so nothing is gained by waiting for a disk.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code ignored;
    for (const fs::path& parent : {fs::path("/dev/shm"), fs::temp_directory_path(ignored)}) {
      std::string pattern = (parent / "harmonia-scenario-XXXXXX").string();
      if (mkdtemp(pattern.data()) == nullptr) continue;
      path_ = pattern;
      return;
    }
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // Empty: there is no place for one.
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

bool is_page(const fs::path& path) { return path.extension() == ".md"; }

Result<std::vector<fs::path>> find_files(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  for (const std::string& path : paths) {
    std::error_code fault;
    if (!fs::is_directory(path, fault)) {
      files.emplace_back(path);
      continue;
    }
    for (fs::recursive_directory_iterator entry(path, fault), end; !fault && entry != end;
         entry.increment(fault)) {
      if (entry->path().extension() == ".wft" || is_page(entry->path()))
        files.push_back(entry->path());
    }
    if (fault)
      return make_error(error_code::not_found, "cannot read " + path + ": " + fault.message());
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

Result<ScenarioFile> parse(const Scenario& scenario) {
  return parse_scenario(scenario.text, {.file = scenario.path, .first_line = scenario.line});
}

Result<RunReport> run_in_mode(const ScenarioFile& file, Mode mode, const SuiteOptions& options) {
  TemporaryFolder folder;
  if (folder.path().empty())
    return make_error(error_code::storage, "no folder can be made in the one for temporary files");
  TRY(auto world, World::create(mode, opener(mode, folder.path()), options.actions));
  return run_scenario(file, *world);
}

}  // namespace

std::optional<Mode> parse_mode(std::string_view name) {
  for (Mode mode : all_modes) {
    if (to_string(mode) == name) return mode;
  }
  return std::nullopt;
}

Result<std::vector<Scenario>> find_scenarios(const std::vector<std::string>& paths) {
  std::vector<Scenario> scenarios;
  TRY(auto files, find_files(paths));
  for (const fs::path& path : files) {
    TRY(std::string text, read_file(path.string()));
    if (!is_page(path)) {
      scenarios.push_back({.path = path.string(), .text = std::move(text)});
      continue;
    }
    for (auto& example : markdown::find_examples(text, "wft")) {
      scenarios.push_back({.path = path.string(),
                           .text = std::move(example.text),
                           .begin = example.begin,
                           .line = example.line});
    }
  }
  return scenarios;
}

bool Failure::same_as(const Failure& other) const {
  auto equal = [](const Mismatch& a, const Mismatch& b) {
    return a.line == b.line && a.actual == b.actual;
  };
  return error == other.error &&
         std::equal(mismatches.begin(), mismatches.end(), other.mismatches.begin(),
                    other.mismatches.end(), equal);
}

std::vector<Failure> test_scenario(const Scenario& scenario, const SuiteOptions& options) {
  auto file = parse(scenario);
  if (!file.ok()) return {{.mode = options.modes.front(), .error = file.error().detail}};
  std::vector<Failure> failures;
  for (Mode mode : options.modes) {
    if (!runs_in(*file, mode)) continue;
    auto report = run_in_mode(*file, mode, options);
    if (!report.ok()) {
      failures.push_back({.mode = mode, .error = report.error().detail});
    } else if (!report->mismatches.empty()) {
      failures.push_back({.mode = mode, .mismatches = std::move(report->mismatches)});
    }
  }
  return failures;
}

Result<bool> update_scenario(const Scenario& scenario, const SuiteOptions& options) {
  TRY(ScenarioFile file, parse(scenario));
  TRY(RunReport report, run_in_mode(file, Mode::plain, options));
  std::string updated = render_scenario(report.updated);
  if (updated == scenario.text) return false;
  TRY(std::string text, read_file(scenario.path));
  if (text.compare(scenario.begin, scenario.text.size(), scenario.text) != 0)
    return make_error(error_code::conflict, scenario.path + " was changed in the meantime");
  text.replace(scenario.begin, scenario.text.size(), updated);
  std::ofstream out(scenario.path, std::ios::binary);
  out << text;
  out.close();
  if (!out) return make_error(error_code::storage, "cannot write " + scenario.path);
  return true;
}

}  // namespace harmonia::scenario
