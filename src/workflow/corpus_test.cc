#include "workflow/corpus_test.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "workflow/fields.h"
#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace examples {

std::string read_file(const std::string& path) {
  std::ifstream file("tests/data/" + path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::vector<CorpusFile> read_corpus(const std::string& folder) {
  std::vector<CorpusFile> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/data/" + folder)) {
    std::string name = entry.path().filename().string();
    std::string text = read_file(folder + "/" + name);
    files.push_back({.name = std::move(name), .text = std::move(text)});
  }
  std::sort(files.begin(), files.end(),
            [](const CorpusFile& a, const CorpusFile& b) { return a.name < b.name; });
  EXPECT_FALSE(files.empty()) << folder;
  return files;
}

std::vector<SharedDefinition> corpus_definitions() {
  std::vector<SharedDefinition> definitions;
  for (const CorpusFile& file : read_corpus("definitions")) {
    auto outcome = parse_definition(file.text);
    EXPECT_TRUE(outcome.ok()) << file.name << "\n" << show(outcome);
    if (outcome.ok()) definitions.push_back(outcome.definition);
  }
  return definitions;
}

}  // namespace examples

namespace {

void note_names(const Json& value, std::set<std::string, std::less<>>& names) {
  if (value.is_array()) {
    for (const Json& item : value.get_array()) note_names(item, names);
  } else if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      names.emplace(text_view(member.key()));
      note_names(member.value(), names);
    }
  } else if (value.is_string()) {
    names.emplace(text_view(value.get_string()));
  }
}

TEST(Corpus, the_canonical_form_of_each_definition_is_its_own_canonical_form) {
  for (const SharedDefinition& definition : examples::corpus_definitions()) {
    auto again = parse_definition(definition->canonical);
    ASSERT_TRUE(again.ok()) << definition->name << "\n" << examples::show(again);
    EXPECT_EQ(to_text(again.definition->canonical), to_text(definition->canonical));
    EXPECT_TRUE(again.translations.empty()) << again.translations.front();
  }
}

TEST(Corpus, its_definitions_use_every_field_and_every_type) {
  std::set<std::string, std::less<>> names;
  for (const SharedDefinition& definition : examples::corpus_definitions())
    note_names(definition->canonical, names);
  for (std::string_view field : fields::workflow) EXPECT_TRUE(names.contains(field)) << field;
  names.emplace("id");  // the key of the task
  for (std::string_view field : fields::task) EXPECT_TRUE(names.contains(field)) << field;
  for (std::string_view field : fields::retry_policy) EXPECT_TRUE(names.contains(field)) << field;
  for (std::string_view field : fields::catch_clause) EXPECT_TRUE(names.contains(field)) << field;
  for (auto type = TaskType::set; type <= TaskType::webhook;
       type = static_cast<TaskType>(static_cast<int>(type) + 1)) {
    EXPECT_TRUE(names.contains(to_string(type))) << to_string(type);
  }
}

TEST(Corpus, every_cut_of_every_file_is_an_outcome) {
  for (const auto& file : examples::read_corpus("definitions")) {
    for (std::size_t size = 0; size < file.text.size(); size += 17) {
      auto outcome = parse_definition(std::string_view(file.text).substr(0, size));
      EXPECT_TRUE(outcome.ok() || !outcome.problems.empty()) << file.name << " " << size;
    }
  }
}

}  // namespace
}  // namespace harmonia::workflow
