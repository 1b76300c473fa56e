#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

// The tables `timers` and `interests`: what is owed and has rows.
namespace harmonia::store::sqlite {

class OutboxWriter {
 public:
  static Result<OutboxWriter> prepare(Connection& connection);

  // What is owed already and what is gone already are left as they are.
  Result<void> apply(std::int64_t run, const execution::OwedDelta& delta);

 private:
  Result<void> apply_timers(std::int64_t run, const execution::OwedDelta& delta);
  Result<void> apply_interests(std::int64_t run, const execution::OwedDelta& delta);

  Result<void> remove_interest(std::int64_t run, const execution::Interest& interest);
  Result<void> add_interest(std::int64_t run, const execution::Interest& interest);
  // A lock that turns aside, or back (rules.h).
  Result<void> turn(std::int64_t run, const execution::Interest& gone,
                    const execution::Interest& come);
  Result<std::optional<std::int64_t>> place_of(std::int64_t run,
                                               const execution::Interest& interest);
  // In order.
  Result<std::vector<std::int64_t>> places_of(execution::InterestKind kind, const std::string& key,
                                              std::int64_t after, std::int64_t limit);

  Statement insert_timer_;
  Statement delete_timer_;
  Statement insert_interest_;
  Statement delete_interest_;
  Statement find_interest_;
  Statement turn_interest_;
  Statement move_interest_;
  Statement select_places_;
};

Result<std::vector<TimerRow>> read_timers(Connection& connection, const TimerQuery& query);
Result<std::vector<InterestRow>> read_interests(Connection& connection, const InterestQuery& query);

}  // namespace harmonia::store::sqlite
