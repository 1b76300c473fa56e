#include "engine/testing/shard_fixture.h"

#include "store/memory/memory_store.h"

namespace harmonia::engine::testing {

std::unique_ptr<store::Store> make_store() { return store::make_memory_store(); }

}  // namespace harmonia::engine::testing
