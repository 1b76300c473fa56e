#include "store/sqlite/encoded_commit.h"

#include <array>

#include "base/json_writer.h"
#include "store/rules.h"

namespace harmonia::store::sqlite {
namespace {

using execution::TaskCounts;

// In the order of the text.
constexpr std::array counts_shown = {
    &TaskCounts::total,    &TaskCounts::completed, &TaskCounts::failed, &TaskCounts::skipped,
    &TaskCounts::canceled, &TaskCounts::running,   &TaskCounts::waiting};

}  // namespace

EncodedCommit encode(const Commit& commit) {
  assert_well_formed(commit);
  EncodedCommit encoded;
  encoded.commit = &commit;
  execution::append_events_text(encoded.payload, commit.events);
  encoded.tasks = counts_to_text(counts_of(commit));
  if (commit.expected_version == 0 && !commit.summary) encoded.first = first_summary(commit);
  if (const Summary* summary = encoded.summary()) encoded.tags = tags_to_text(summary->tags);
  if (commit.command) append_text(encoded.answer, commit.command->answer);
  return encoded;
}

std::string counts_to_text(const TaskCounts& counts) {
  std::string text = "[";
  for (auto count : counts_shown) {
    if (text.size() > 1) text += ',';
    ObjectWriter::append(text, counts.*count);
  }
  text += ']';
  return text;
}

Result<TaskCounts> counts_from_text(std::string_view text) {
  TaskCounts counts;
  TRY(Json parsed, parse_json(text));
  const auto* numbers = parsed.if_array();
  if (numbers == nullptr || numbers->size() != counts_shown.size())
    return make_error(error_code::storage, "a row's counts of tasks are no JSON array of seven");
  for (std::size_t i = 0; i < counts_shown.size(); ++i) {
    const Json& number = (*numbers)[i];
    if (!number.is_int64()) return make_error(error_code::storage, "a row's count is no number");
    counts.*counts_shown[i] = static_cast<std::uint32_t>(number.get_int64());
  }
  return counts;
}

std::string tags_to_text(const std::vector<std::string>& tags) {
  std::string text = "[";
  for (const std::string& tag : tags) {
    if (text.size() > 1) text += ',';
    append_quoted(text, tag);
  }
  text += ']';
  return text;
}

Result<std::vector<std::string>> tags_from_text(std::string_view text) {
  std::vector<std::string> tags;
  if (text == "[]") return tags;
  TRY(Json parsed, parse_json(text));
  if (!parsed.is_array()) return make_error(error_code::storage, "a row's tags are no JSON array");
  for (const Json& tag : parsed.get_array()) {
    if (!tag.is_string()) return make_error(error_code::storage, "a row's tag is no JSON string");
    tags.emplace_back(text_view(tag.get_string()));
  }
  return tags;
}

}  // namespace harmonia::store::sqlite
