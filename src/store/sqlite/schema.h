#pragma once

#include "store/sqlite/connection.h"

namespace harmonia::store::sqlite {

// Brings the database to the newest version, in one transaction. `storage` when it was made by a
// newer Harmonia, naming both versions.
Result<void> migrate(Connection& connection, const std::string& path);

// Looks for damage for at most `seconds_max`; what it did not get to is taken to be sound.
Result<void> check_quickly(Connection& connection, const std::string& path, int seconds_max);

}  // namespace harmonia::store::sqlite
