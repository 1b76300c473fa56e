#include "api/definition_writer.h"

namespace harmonia::api {
namespace {

constexpr std::size_t feed_entries_max = 1000;  // read at once while a change is looked up

store::PutDefinition put_of(const workflow::Definition& definition, WorkflowId id, Timestamp at) {
  return {.id = id,
          .canonical = definition.canonical,
          .name = definition.name,
          .version = definition.version,
          .description = definition.description,
          .tags = definition.tags,
          .at = at};
}

}  // namespace

Result<std::optional<DefinitionWriter::Created>> DefinitionWriter::find_repeat(
    const CommandKey& key) {
  if (key.empty()) return std::optional<Created>();
  TRY(auto record, context_.ports.store.find_command(key.command_id));
  if (!record) return std::optional<Created>();
  if (record->fingerprint != key.fingerprint) return idempotency_mismatch();
  const Json* id_text = find_pointer(record->answer, "/workflow_id");
  auto id = id_text != nullptr && id_text->is_string()
                ? parse_id<WorkflowId>(text_view(id_text->get_string()))
                : std::nullopt;
  if (!id) return make_error(error_code::storage, "the record of an idempotency key is damaged");
  TRY(auto stored, find_written(*id, 1));
  return std::optional(Created{.stored = std::move(stored), .repeated = true});
}

Result<DefinitionWriter::Created> DefinitionWriter::create(const workflow::Definition& definition,
                                                           std::optional<WorkflowId> id,
                                                           const CommandKey& key) {
  std::lock_guard lock(context_.definitions_mutex);
  TRY(auto repeat, find_repeat(key));
  if (repeat) return std::move(*repeat);
  Timestamp now = context_.ports.clock.now();
  WorkflowId new_id = id.value_or(WorkflowId{context_.ports.ids.next(now)});
  store::PutDefinition put = put_of(definition, new_id, now);
  put.create = true;
  if (!key.empty()) {
    put.command =
        store::CommandRecord{.command_id = key.command_id,
                             .fingerprint = key.fingerprint,
                             .answer = JsonObject{{"workflow_id", json_view(to_string(new_id))}},
                             .at = now};
  }
  TRY(store::Position before, context_.ports.store.last_position());
  auto revision = context_.ports.store.put_definition(put);
  if (!revision.ok()) {
    Error error = std::move(revision).error();
    if (error.code == error_code::conflict) {
      error.detail = "there is or was a workflow " + to_string(new_id) +
                     "; PUT changes it, another id makes a new one";
    }
    return error;
  }
  tell(new_id, definition.name, before);
  TRY(auto stored, find_written(new_id, *revision));
  return Created{.stored = std::move(stored)};
}

Result<store::StoredDefinition> DefinitionWriter::replace(WorkflowId id,
                                                          std::optional<std::uint32_t> expected,
                                                          const workflow::Definition& definition) {
  std::lock_guard lock(context_.definitions_mutex);
  store::PutDefinition put = put_of(definition, id, context_.ports.clock.now());
  put.expected_revision = expected;
  TRY(store::Position before, context_.ports.store.last_position());
  TRY(std::uint32_t revision, context_.ports.store.put_definition(put));
  tell(id, definition.name, before);
  return find_written(id, revision);
}

Result<void> DefinitionWriter::remove(const store::StoredDefinition& current,
                                      std::optional<std::uint32_t> expected) {
  std::lock_guard lock(context_.definitions_mutex);
  TRY(store::Position before, context_.ports.store.last_position());
  TRY_DO(context_.ports.store.delete_definition(
      {.id = current.id, .expected_revision = expected, .at = context_.ports.clock.now()}));
  tell(current.id, current.name, before);
  return {};
}

Result<store::StoredDefinition> DefinitionWriter::find_written(WorkflowId id,
                                                               std::uint32_t revision) {
  TRY(auto stored, context_.ports.store.find_definition(id, revision));
  if (stored) return std::move(*stored);
  return make_error(error_code::internal, "workflow " + to_string(id) + " was written but is gone");
}

// The change's place in the feed is its `seq` on the wire; it lies behind `before`, with nothing
// but commits of executions in between.
void DefinitionWriter::tell(WorkflowId id, std::string name, store::Position before) {
  context_.ports.engine.definitions().changed(id);
  if (!context_.ports.hub.has_workflow_watchers()) return;
  for (;;) {
    auto entries = context_.ports.store.read_feed(before, feed_entries_max);
    if (!entries.ok() || entries->empty()) return;
    for (const store::FeedEntry& entry : *entries) {
      before = entry.position;
      if (!entry.workflow || *entry.workflow != id) continue;
      context_.ports.hub.announce_workflow({.seq = entry.position,
                                            .at = entry.at,
                                            .workflow = id,
                                            .change = entry.change,
                                            .revision = entry.revision,
                                            .name = std::move(name)});
      return;
    }
  }
}

}  // namespace harmonia::api
