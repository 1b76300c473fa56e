#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// What a recorded history means, for the tests that hold later versions to it.
namespace harmonia::histories {

// Folds the rows of a history, as they are on disk, over its definition, and gives a line for each
// row: the facts about the run that are different after it, as JSON. Facts are what people and
// runners can see of a run: no form in which a version keeps it.
//
// Errors: a definition or a row that can't be read, a row that is written in other bytes than it
// was read in, or a state that does not survive a snapshot.
Result<std::vector<std::string>> replay(std::string_view definition,
                                        const std::vector<std::string>& rows);

}  // namespace harmonia::histories
