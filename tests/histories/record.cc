// Records what this version writes, for later ones to be held to: plays scenarios on SQLite and
// takes definitions and histories out of its database, byte for byte. Never writes over a
// recording.
//
//   record_histories OUTPUT_FOLDER SCENARIO.wft...
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sqlite3.h>

#include "base/log.h"
#include "scenario/files.h"
#include "scenario/runner.h"
#include "store/sqlite/sqlite_store.h"
#include "tests/histories/replay.h"

namespace harmonia::histories {
namespace {

namespace fs = std::filesystem;

struct Recording {
  int run = 0;
  std::string definition;
  std::vector<std::string> rows;
};

// Plays a scenario to its end and closes the store, so that its file holds everything.
Result<void> play(const fs::path& path, const fs::path& database) {
  TRY(std::string text, scenario::read_file(path.string()));
  TRY(auto file, scenario::parse_scenario(text, {.file = path.string()}));
  auto open = [&database] { return store::open_sqlite_store({.directory = database.string()}); };
  TRY(auto world, scenario::World::create(scenario::Mode::sqlite, open));
  TRY(auto report, scenario::run_scenario(file, *world));
  if (report.mismatches.empty()) return {};
  const scenario::Mismatch& first = report.mismatches.front();
  return make_error(error_code::conflict, "line " + std::to_string(first.line) + ": " +
                                              first.directive + " prints something else");
}

class Database {
 public:
  explicit Database(const fs::path& folder) {
    std::string file = (folder / "harmonia.db").string();
    ASSERT(sqlite3_open_v2(file.c_str(), &handle_, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The rows of a query that gives a number and a text.
  std::vector<std::pair<int, std::string>> read(const char* query) {
    sqlite3_stmt* statement = nullptr;
    ASSERT(sqlite3_prepare_v2(handle_, query, -1, &statement, nullptr) == SQLITE_OK);
    std::vector<std::pair<int, std::string>> rows;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, 1));
      auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, 1));
      rows.emplace_back(sqlite3_column_int(statement, 0), std::string(bytes, size));
    }
    sqlite3_finalize(statement);
    return rows;
  }

 private:
  sqlite3* handle_ = nullptr;
};

std::vector<Recording> read_recordings(const fs::path& folder) {
  Database database(folder);
  std::vector<Recording> recordings;
  for (auto& [run, definition] :
       database.read("SELECT e.run, d.canonical FROM executions e JOIN definitions d"
                     " ON d.workflow = e.workflow AND d.revision = e.revision ORDER BY e.run"))
    recordings.push_back({.run = run, .definition = std::move(definition), .rows = {}});
  for (auto& [run, payload] : database.read("SELECT run, payload FROM history ORDER BY position")) {
    for (Recording& one : recordings) {
      if (one.run == run) one.rows.push_back(payload);
    }
  }
  return recordings;
}

void write(const fs::path& path, const std::vector<std::string>& lines) {
  std::ofstream out(path, std::ios::binary);
  for (const std::string& line : lines) out << line << '\n';
}

Result<void> record(const fs::path& scenario, const fs::path& output, const fs::path& work) {
  TRY_DO(play(scenario, work));
  for (const Recording& one : read_recordings(work)) {
    fs::path folder = output / (scenario.stem().string() + "-" + std::to_string(one.run));
    if (fs::exists(folder)) {
      std::printf("%s is there already; it is never changed\n", folder.c_str());
      continue;
    }
    TRY(auto states, replay(one.definition, one.rows));
    fs::create_directories(folder);
    write(folder / "definition.json", {one.definition});
    write(folder / "history.jsonl", one.rows);
    write(folder / "states.jsonl", states);
    std::printf("%s: %zu rows\n", folder.c_str(), one.rows.size());
  }
  return {};
}

int record_all(const std::vector<std::string>& arguments) {
  int failed = 0;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    std::string work = (fs::temp_directory_path() / "harmonia-record-XXXXXX").string();
    ASSERT(mkdtemp(work.data()) != nullptr);
    auto done = record(arguments[i], arguments[0], work);
    fs::remove_all(work);
    if (done.ok()) continue;
    std::printf("%s: %s\n", arguments[i].c_str(), done.error().detail.c_str());
    ++failed;
  }
  return failed;
}

}  // namespace
}  // namespace harmonia::histories

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: record_histories OUTPUT_FOLDER SCENARIO.wft...\n");
    return 2;
  }
  harmonia::log::configure({.level = harmonia::log::Level::warning});
  return harmonia::histories::record_all({arguments + 1, arguments + count}) > 0 ? 1 : 0;
}
