#include "tasks/transform/program_cache.h"

#include <algorithm>
#include <utility>

namespace harmonia::tasks {
namespace {

std::string key_of(std::string_view expression, const std::vector<std::string_view>& roots) {
  std::string key;
  for (std::string_view root : roots) {
    append_quoted(key, root);
    key += ' ';
  }
  return key.append(expression);
}

Error error_of(std::string_view expression, const std::vector<expr::CompileError>& errors) {
  std::string detail = "the expression does not compile:";
  for (const expr::CompileError& error : errors) {
    auto position = position_at(expression, error.range.offset);
    detail += " line " + std::to_string(position.line) + ", column " +
              std::to_string(position.column) + ": " + error.message;
    if (!error.hint.empty()) detail += " (" + error.hint + ")";
    detail += ";";
  }
  detail.pop_back();
  return make_error(error_code::expression, std::move(detail), "/expression");
}

}  // namespace

Result<expr::Program> ProgramCache::compile(std::string_view expression,
                                            std::vector<std::string_view> roots) {
  std::sort(roots.begin(), roots.end());
  std::string key = key_of(expression, roots);
  {
    const std::lock_guard lock(mutex_);
    if (auto found = by_key_.find(key); found != by_key_.end()) {
      by_use_.splice(by_use_.begin(), by_use_, found->second);
      return found->second->program;
    }
  }
  auto compiled = expr::compile(expression, {.limits = {}, .roots = roots});
  if (!compiled.program) return error_of(expression, compiled.errors);

  const std::lock_guard lock(mutex_);
  if (by_key_.contains(key)) return *compiled.program;
  by_use_.push_front({std::move(key), *compiled.program});
  by_key_.emplace(by_use_.front().key, by_use_.begin());
  if (by_use_.size() > entries_max_) {
    by_key_.erase(by_use_.back().key);
    by_use_.pop_back();
  }
  return *compiled.program;
}

}  // namespace harmonia::tasks
