#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace harmonia::store::sqlite {

// Every finding a sentence. Reads the whole database.
Result<std::vector<std::string>> check(Connection& connection);
Result<StoreStats> read_stats(Connection& connection);

}  // namespace harmonia::store::sqlite
