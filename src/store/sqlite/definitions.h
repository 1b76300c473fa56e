#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

// The tables `workflows` (the current revision of each) and `definitions` (all revisions).
namespace harmonia::store::sqlite {

// PutDefinition turned to bytes on the caller's thread.
struct EncodedPut {
  const PutDefinition* put = nullptr;
  std::string canonical;
  std::string tags;
  std::string answer;  // of the command
};
EncodedPut encode(const PutDefinition& put);

struct WorkflowHead {
  std::uint32_t revision = 0;  // 0: there never was such a workflow
  bool deleted = false;

  bool is_live() const { return revision > 0 && !deleted; }
};

class DefinitionsWriter {
 public:
  static Result<DefinitionsWriter> prepare(Connection& connection);

  Result<WorkflowHead> find(WorkflowId id);
  Result<void> insert(const EncodedPut& encoded, std::uint32_t revision);
  Result<void> mark_deleted(WorkflowId id);
  Result<void> announce(Position position, const FeedEntry& entry);

 private:
  Statement find_;
  Statement insert_definition_;
  Statement upsert_workflow_;
  Statement mark_deleted_;
  Statement announce_;
};

Result<std::optional<StoredDefinition>> find_definition(Connection& connection, WorkflowId id,
                                                        std::uint32_t revision);
Result<std::optional<StoredDefinition>> find_definition_by_name(Connection& connection,
                                                                std::string_view name);
Result<DefinitionPage> list_definitions(Connection& connection, const DefinitionQuery& query);

}  // namespace harmonia::store::sqlite
