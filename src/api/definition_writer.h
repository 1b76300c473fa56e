#pragma once

#include <optional>

#include "api/context.h"
#include "api/idempotency.h"
#include "workflow/definition.h"

namespace harmonia::api {

// Writes definitions and tells the engine's cache and whoever watches.
class DefinitionWriter {
 public:
  explicit DefinitionWriter(Context& context) : context_(context) {}

  struct Created {
    store::StoredDefinition stored;
    bool repeated = false;  // the key had been used for it before
  };
  // Under `id`, or under a new one. `conflict` when the id is taken.
  Result<Created> create(const workflow::Definition& definition, std::optional<WorkflowId> id,
                         const CommandKey& key);
  // `conflict` when `expected` is not the current revision.
  Result<store::StoredDefinition> replace(WorkflowId id, std::optional<std::uint32_t> expected,
                                          const workflow::Definition& definition);
  Result<void> remove(const store::StoredDefinition& current,
                      std::optional<std::uint32_t> expected);

 private:
  Result<std::optional<Created>> find_repeat(const CommandKey& key);
  Result<store::StoredDefinition> find_written(WorkflowId id, std::uint32_t revision);
  void tell(WorkflowId id, std::string name, store::Position before);

  Context& context_;
};

}  // namespace harmonia::api
