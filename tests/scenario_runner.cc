// Runs scenario files (.wft) in every mode; all modes must print the same. The last line is `N
// passed, M failed`.
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
      if (entry.path().extension() == ".wft") files.push_back(entry.path());
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
  if (!report.ok()) return name + ": " + report.error().detail + "\n";
  if (updated != nullptr) *updated = scenario::render_scenario(report->updated);
  std::string text;
  for (const auto& mismatch : report->mismatches)
    text += scenario::render_mismatch(mismatch, name, mode);
  return text;
}

bool run_file(const fs::path& path, bool update) {
  auto file = scenario::parse_scenario(read_file(path));
  if (!file.ok()) {
    std::printf("%s: %s\n", path.c_str(), file.error().detail.c_str());
    return false;
  }
  if (update) {
    std::string updated;
    std::string failure = run_in_mode(*file, path.string(), Mode::plain, &updated);
    if (!updated.empty()) std::ofstream(path) << updated;
    if (updated.empty()) std::printf("%s", failure.c_str());
    return !updated.empty();
  }
  bool passed = true;
  for (Mode mode : all_modes) {
    if (!scenario::runs_in(*file, mode)) continue;
    std::string failure = run_in_mode(*file, path.string(), mode, nullptr);
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
  for (const auto& file : files) failed += run_file(file, update) ? 0 : 1;
  std::printf("%d passed, %d failed\n", static_cast<int>(files.size()) - failed, failed);
  return failed > 0 || files.empty() ? 1 : 0;
}
