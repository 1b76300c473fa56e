#include "store/sqlite/encoded_commit.h"

#include "base/json_writer.h"
#include "store/rules.h"

namespace harmonia::store::sqlite {

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

std::string counts_to_text(const execution::TaskCounts& c) {
  std::string text = "[";
  for (std::uint32_t count :
       {c.total, c.completed, c.failed, c.skipped, c.canceled, c.running, c.waiting}) {
    if (text.size() > 1) text += ',';
    ObjectWriter::append(text, count);
  }
  text += ']';
  return text;
}

Result<execution::TaskCounts> counts_from_text(std::string_view text) {
  execution::TaskCounts c;
  TRY(Json parsed, parse_json(text));
  const auto* counts = parsed.if_array();
  if (counts == nullptr || counts->size() != 7)
    return make_error(error_code::storage, "a row's counts of tasks are no JSON array of seven");
  std::size_t next = 0;
  for (std::uint32_t* count :
       {&c.total, &c.completed, &c.failed, &c.skipped, &c.canceled, &c.running, &c.waiting}) {
    const Json& value = (*counts)[next++];
    if (!value.is_int64()) return make_error(error_code::storage, "a row's count is no number");
    *count = static_cast<std::uint32_t>(value.get_int64());
  }
  return c;
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
