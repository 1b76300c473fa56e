#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

// The one order of everything committed: `history` and `definition_changes` merged by position.
namespace harmonia::store::sqlite {

Result<std::vector<FeedEntry>> read_feed(Connection& connection, Position after, std::size_t limit);
Result<Position> last_position(Connection& connection);

}  // namespace harmonia::store::sqlite
