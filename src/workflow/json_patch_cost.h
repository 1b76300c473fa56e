#pragma once

#include <cstddef>
#include <cstdint>

// What the steps of a patch count against PatchLimits::moved_max, for those who apply patches and
// those who make them.
namespace harmonia::workflow::patch {

// Items that change their index: moved as one block, much cheaper than one by one.
inline std::uint64_t shift_cost(std::size_t items) { return items / 16 + 1; }
// Removing a member gives all those behind it a new place, one by one.
inline std::uint64_t removal_cost(std::size_t members) { return members; }

}  // namespace harmonia::workflow::patch
