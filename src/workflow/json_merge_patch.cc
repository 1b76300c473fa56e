#include "workflow/json_patch.h"

namespace harmonia::workflow {
namespace {

// A pointer in `to` to a member that is null, below `value`; what lies within arrays is copied as a
// whole and may hold nulls.
std::optional<std::string> find_null_member(const Json& value, const std::string& pointer) {
  if (!value.is_object()) return std::nullopt;
  for (const auto& member : value.get_object()) {
    std::string place = pointer + "/" + escape_pointer_token(text_view(member.key()));
    if (member.value().is_null()) return place;
    if (auto found = find_null_member(member.value(), place)) return found;
  }
  return std::nullopt;
}

Error impossible(const std::string& pointer) {
  Error error = make_error(
      error_code::invalid_argument,
      "a merge patch cannot set " + pointer + " to null, because null removes; use a JSON Patch",
      pointer);
  error.problems = {{.pointer = pointer, .message = "a merge patch cannot set a member to null"}};
  return error;
}

Result<Json> make(const Json& from, const Json& to, const std::string& pointer) {
  if (!from.is_object() || !to.is_object()) {
    if (auto null = find_null_member(to, pointer)) return impossible(*null);
    return to;
  }
  JsonObject patch;
  for (const auto& member : from.get_object()) {
    if (!to.get_object().contains(member.key())) patch[member.key()] = nullptr;
  }
  for (const auto& member : to.get_object()) {
    const Json* before = from.get_object().if_contains(member.key());
    std::string place = pointer + "/" + escape_pointer_token(text_view(member.key()));
    if (before == nullptr || !before->is_object() || !member.value().is_object()) {
      if (before != nullptr && json_equal(*before, member.value())) continue;
      if (member.value().is_null()) return impossible(place);
    }
    TRY(Json change, make(before == nullptr ? Json() : *before, member.value(), place));
    bool unchanged = before != nullptr && before->is_object() && change.is_object() &&
                     member.value().is_object() && change.get_object().empty();
    if (!unchanged) patch[member.key()] = std::move(change);
  }
  return Json(std::move(patch));
}

}  // namespace

Json apply_merge_patch(Json document, const Json& patch) {
  if (!patch.is_object()) return patch;
  const JsonObject& changes = patch.get_object();
  JsonObject merged;
  if (document.is_object()) {
    for (auto& member : document.get_object()) {
      const Json* change = changes.if_contains(member.key());
      if (change == nullptr || !change->is_null()) merged[member.key()] = std::move(member.value());
    }
  }
  for (const auto& change : changes) {
    if (change.value().is_null()) continue;
    Json& place = merged[change.key()];
    place = apply_merge_patch(std::move(place), change.value());
  }
  return merged;
}

Result<Json> make_merge_patch(const Json& from, const Json& to) { return make(from, to, ""); }

}  // namespace harmonia::workflow
