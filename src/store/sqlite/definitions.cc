#include "store/sqlite/definitions.h"

#include <algorithm>
#include <limits>

#include "store/rules.h"
#include "store/sqlite/encoded_commit.h"

namespace harmonia::store::sqlite {
namespace {

constexpr std::string_view select_head = "SELECT revision, deleted FROM workflows WHERE id = ?1";

constexpr std::string_view insert_definition =
    "INSERT INTO definitions "
    "  (workflow, revision, name, version, description, tags, canonical, at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

constexpr std::string_view upsert_workflow =
    "INSERT INTO workflows (id, revision, name, created_at, updated_at, deleted) "
    "VALUES (?1, ?2, ?3, ?4, ?4, 0) "
    "ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, name = excluded.name, "
    "  updated_at = excluded.updated_at, deleted = 0";

constexpr std::string_view mark_deleted_sql = "UPDATE workflows SET deleted = 1 WHERE id = ?1";

constexpr std::string_view insert_change =
    "INSERT INTO definition_changes (position, workflow, change, revision, at) "
    "VALUES (?1, ?2, ?3, ?4, ?5)";

#define HARMONIA_SELECT_DEFINITION                                                   \
  "SELECT w.id, d.revision, d.name, d.version, d.description, d.tags, d.canonical, " \
  "  w.created_at, d.at, w.deleted FROM workflows w JOIN definitions d ON d.workflow = w.id "

constexpr std::string_view select_newest =
    HARMONIA_SELECT_DEFINITION "WHERE w.id = ?1 AND d.revision = w.revision AND w.deleted = 0";
constexpr std::string_view select_revision =
    HARMONIA_SELECT_DEFINITION "WHERE w.id = ?1 AND d.revision = ?2";
constexpr std::string_view select_by_name = HARMONIA_SELECT_DEFINITION
    "WHERE w.name = ?1 AND w.deleted = 0 AND d.revision = w.revision "
    "ORDER BY w.updated_at DESC, w.id DESC LIMIT 1";
constexpr std::string_view select_page = HARMONIA_SELECT_DEFINITION
    "WHERE w.deleted = 0 AND d.revision = w.revision AND (?1 = 0 OR (w.name, w.id) > (?2, ?3)) "
    "  AND (?4 = '' OR EXISTS (SELECT 1 FROM json_each(d.tags) WHERE value = ?4)) "
    "  AND (contains_text(d.name, ?5) OR contains_text(d.description, ?5)) "
    "ORDER BY w.name, w.id LIMIT ?6 OFFSET ?7";

#undef HARMONIA_SELECT_DEFINITION

Result<StoredDefinition> read_definition(const Row& row) {
  StoredDefinition definition;
  definition.id = row.id<WorkflowId>(0);
  definition.revision = row.number<std::uint32_t>(1);
  definition.name = row.text(2);
  definition.version = row.text(3);
  definition.description = row.text(4);
  TRY(definition.tags, tags_from_text(row.text(5)));
  TRY(definition.canonical,
      parse_json(row.text(6), {.depth_max = 256, .size_max = static_cast<std::size_t>(-1)}));
  definition.created_at = row.time(7);
  definition.updated_at = row.time(8);
  definition.deleted = row.integer(9) != 0;
  return definition;
}

Result<std::optional<StoredDefinition>> take_definition(Query& query) {
  TRY(bool found, query->step());
  if (!found) return std::optional<StoredDefinition>();
  TRY(StoredDefinition definition, read_definition(query->row()));
  return std::optional(std::move(definition));
}

}  // namespace

EncodedPut encode(const PutDefinition& put) {
  EncodedPut encoded{.put = &put, .canonical = {}, .tags = tags_to_text(put.tags), .answer = {}};
  append_text(encoded.canonical, put.canonical);
  if (put.command) append_text(encoded.answer, put.command->answer);
  return encoded;
}

Result<DefinitionsWriter> DefinitionsWriter::prepare(Connection& connection) {
  DefinitionsWriter writer;
  TRY(writer.find_, connection.prepare(select_head));
  TRY(writer.insert_definition_, connection.prepare(insert_definition));
  TRY(writer.upsert_workflow_, connection.prepare(upsert_workflow));
  TRY(writer.mark_deleted_, connection.prepare(mark_deleted_sql));
  TRY(writer.announce_, connection.prepare(insert_change));
  return writer;
}

Result<WorkflowHead> DefinitionsWriter::find(WorkflowId id) {
  WorkflowHead head;
  find_.bind(id);
  auto found = find_.step();
  if (found.ok() && *found) {
    head.revision = find_.row().number<std::uint32_t>(0);
    head.deleted = find_.row().integer(1) != 0;
  }
  find_.reset();
  if (!found.ok()) return std::move(found).error();
  return head;
}

Result<void> DefinitionsWriter::insert(const EncodedPut& encoded, std::uint32_t revision) {
  const PutDefinition& put = *encoded.put;
  TRY_DO(insert_definition_.run(put.id, revision, put.name, put.version, put.description,
                                encoded.tags, Blob{encoded.canonical}, put.at));
  return upsert_workflow_.run(put.id, revision, put.name, put.at);
}

Result<void> DefinitionsWriter::mark_deleted(WorkflowId id) { return mark_deleted_.run(id); }

Result<void> DefinitionsWriter::announce(Position position, const FeedEntry& entry) {
  return announce_.run(position, *entry.workflow, static_cast<std::int32_t>(entry.change),
                       entry.revision, entry.at);
}

Result<std::optional<StoredDefinition>> find_definition(Connection& connection, WorkflowId id,
                                                        std::uint32_t revision) {
  TRY(Query query, connection.query(revision == 0 ? select_newest : select_revision));
  query->bind_at(1, id);
  if (revision != 0) query->bind_at(2, revision);
  return take_definition(query);
}

Result<std::optional<StoredDefinition>> find_definition_by_name(Connection& connection,
                                                                std::string_view name) {
  TRY(Query query, connection.query(select_by_name));
  query->bind(name);
  return take_definition(query);
}

Result<DefinitionPage> list_definitions(Connection& connection, const DefinitionQuery& query) {
  constexpr std::size_t rows_max = std::numeric_limits<std::int32_t>::max();
  DefinitionPlace after;
  if (!query.cursor.empty()) {
    TRY(after, parse_definition_cursor(query.cursor));
  }
  TRY(Query select, connection.query(select_page));
  // One row more than the page tells that there is a next one.
  select->bind(query.cursor.empty() ? 0 : 1, after.name, after.id, query.tag, query.text,
               std::min(query.limit, rows_max) + 1, query.offset);
  DefinitionPage page;
  for (;;) {
    TRY(bool found, select->step());
    if (!found) break;
    if (page.items.size() == query.limit) {
      if (page.items.empty()) break;
      const StoredDefinition& last = page.items.back();
      page.next_cursor = definition_cursor({.name = last.name, .id = last.id});
      break;
    }
    TRY(StoredDefinition definition, read_definition(select->row()));
    page.items.push_back(std::move(definition));
  }
  return page;
}

}  // namespace harmonia::store::sqlite
