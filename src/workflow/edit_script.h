#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace harmonia::workflow {

enum class Edit : std::uint8_t { keep, remove, insert };

// The fewest removals and insertions that turn one sequence into another, in order, found greedily
// (E. Myers, An O(ND) Difference Algorithm and Its Variations, 1986). Items are equal when their
// numbers are. Each comparison takes a step off `steps`; empty when those do not suffice or when
// the sequences differ in more than a thousand places.
std::vector<Edit> shortest_edits(std::span<const std::uint32_t> from,
                                 std::span<const std::uint32_t> to, std::size_t& steps);

}  // namespace harmonia::workflow
