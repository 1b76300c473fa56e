// The table of docs/patterns.md: all workflow patterns stand in it, what it claims has a scenario,
// and its links lead somewhere. The scenarios themselves are run by scenario_runner.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace harmonia {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t pattern_count = 43;
constexpr std::size_t scenario_count_min = 38;  // patterns with a scenario

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string read_page() { return read_file("docs/patterns.md"); }

// The targets of `[text](target)`.
std::vector<std::string> find_links(std::string_view text) {
  std::vector<std::string> links;
  for (std::size_t at = text.find("]("); at != std::string_view::npos; at = text.find("](", at)) {
    at += 2;
    std::size_t end = std::min(text.find(')', at), text.size());
    links.emplace_back(text.substr(at, end - at));
  }
  return links;
}

std::string trim(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

struct Row {
  std::string number;
  std::string name;
  std::string support;  // yes, partial, no
  std::string how;
  std::string scenarios;
  std::string missing;
};

// The rows about a pattern: headings within the table have no number.
std::vector<Row> read_rows() {
  std::vector<Row> rows;
  std::istringstream lines(read_page());
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string part; std::getline(parts, part, '|');) cells.push_back(trim(part));
    bool is_pattern = line.starts_with("| ") && cells.size() > 1 && !cells[1].empty() &&
                      cells[1].find_first_not_of("0123456789") == std::string::npos;
    if (!is_pattern) continue;
    EXPECT_EQ(cells.size(), 7u) << line;
    cells.resize(7);
    rows.push_back({cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]});
  }
  return rows;
}

TEST(Patterns, each_pattern_stands_in_the_table_once) {
  std::multiset<std::string> numbers;
  std::set<std::string> names;
  for (const Row& row : read_rows()) {
    numbers.insert(row.number);
    EXPECT_TRUE(!row.name.empty() && names.insert(row.name).second) << row.number << row.name;
  }
  EXPECT_EQ(numbers.size(), pattern_count);
  for (std::size_t i = 1; i <= pattern_count; ++i)
    EXPECT_EQ(numbers.count(std::to_string(i)), 1u) << i;
}

TEST(Patterns, what_can_be_written_has_a_scenario_and_what_is_missing_a_reason) {
  std::map<std::string, std::size_t> counts;
  for (const Row& row : read_rows()) {
    ++counts[row.support];
    bool written = row.support == "yes" || row.support == "partial";
    EXPECT_TRUE(written || row.support == "no") << row.number << ": " << row.support;
    EXPECT_EQ(written, !row.how.empty()) << row.number;
    EXPECT_EQ(written, !find_links(row.scenarios).empty()) << row.number;
    EXPECT_EQ(row.support == "yes", row.missing.empty()) << row.number;
  }
  EXPECT_GE(counts["yes"] + counts["partial"], scenario_count_min);
  std::string sentence = std::to_string(counts["yes"]) + " are yes, " +
                         std::to_string(counts["partial"]) + " partial, " +
                         std::to_string(counts["no"]) + " no.";
  EXPECT_NE(read_page().find(sentence), std::string::npos) << sentence;
}

TEST(Patterns, each_link_leads_to_a_file_and_those_of_scenarios_to_one_that_is_run) {
  std::string page = read_page();
  for (const std::string& link : find_links(page)) {
    fs::path target = (fs::path("docs") / link.substr(0, link.find('#'))).lexically_normal();
    EXPECT_TRUE(fs::is_regular_file(target)) << link;
  }
  for (const Row& row : read_rows()) {
    for (const std::string& link : find_links(row.scenarios)) {
      fs::path target = (fs::path("docs") / link).lexically_normal();
      EXPECT_EQ(target.parent_path(), "tests/scenarios") << link;
      EXPECT_EQ(target.extension(), ".wft") << link;
      EXPECT_NE(read_file(target).find("\nstart "), std::string::npos) << link;
    }
  }
}

}  // namespace
}  // namespace harmonia
