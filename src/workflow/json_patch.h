#pragma once

#include <cstddef>
#include <cstdint>

#include "base/json.h"
#include "base/result.h"

// Changes of JSON documents as JSON: patches (RFC 6902) and merge patches (RFC 7396).
//
// Equality is json_equal everywhere, as RFC 6902 wants for `test`: numbers by value, so that 1 and
// 1.0 are equal and no change between them is ever made, and members in any order.
namespace harmonia::workflow {

// What applying a patch may cost. A patch is small text that can ask for much: `copy` doubles a
// document with each operation, and an item inserted at the front moves all others.
struct PatchLimits {
  std::size_t depth_max = JsonLimits().depth_max;  // of the changed document
  std::size_t copied_max = 64u << 20;              // bytes that `copy` makes in all, estimated
  std::uint64_t moved_max = 20'000'000;            // values that change their place, see
                                                   // json_patch_cost.h
};

// `document` with all operations of `patch` applied in order, or none of them: `test` that fails
// and paths that lead nowhere are errors. Unknown members of operations are ignored.
//
// `invalid_argument`: the patch is no patch; all that is wrong with it is among the problems, whose
// pointers are into the patch. `conflict`: the document is not one the patch fits; detail and
// problem name the operation's number, its path and what was found there, `instance` is the
// pointer of the operation. `payload_too_large`: a limit was reached.
Result<Json> apply_patch(Json document, const Json& patch, const PatchLimits& limits = {});

// A patch that makes `to` out of `from`; [] when they are equal. Short but not minimal: objects are
// compared member by member, arrays by a shortest edit script as long as that is affordable and
// item by item otherwise; moves are not looked for. A value of which nothing stays is replaced as a
// whole. Time grows with the size of both, never with its square.
Json make_patch(const Json& from, const Json& to);

// `document` with the members of `patch` put over its own, recursively; null removes. Whatever is
// no object replaces. Never fails.
Json apply_merge_patch(Json document, const Json& patch);

// A merge patch that makes `to` out of `from`; {} when they are equal objects. `invalid_argument`
// where there is none: a merge patch cannot set a member to null. `instance` is the pointer of such
// a member in `to`.
Result<Json> make_merge_patch(const Json& from, const Json& to);

}  // namespace harmonia::workflow
