#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace harmonia::store::sqlite {

// The SQL of the filters of list_executions. One arm for each status, so that each walks its index
// from the newest and stops at the page's end.
class ExecutionFilter {
 public:
  static Result<ExecutionFilter> of(const ExecutionQuery& query);

  // A SELECT of the runs of all arms: at least those of the page.
  std::string select_runs() const;
  // The page and one more row, which tells that there is a next page.
  std::size_t fetch_count() const;
  void bind(Statement& statement) const;

 private:
  explicit ExecutionFilter(const ExecutionQuery& query) : query_(query) {}
  std::string tables() const;
  std::string conditions() const;

  const ExecutionQuery& query_;
  std::int64_t before_run_ = 0;  // 0: from the newest
};

}  // namespace harmonia::store::sqlite
