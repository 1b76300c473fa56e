#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

// The table `events`: those kept for runs that come to wait for them later.
namespace harmonia::store::sqlite {

class KeptEventsWriter {
 public:
  static Result<KeptEventsWriter> prepare(Connection& connection);

  // False when an event with this id is there already; it is left as it is.
  Result<bool> insert(const KeptEvent& event, std::string_view payload_text);
  // How many rows went; at most forget_count_max, so that nobody waits long for the writer.
  Result<std::size_t> forget_expired(Timestamp now);

  static constexpr std::size_t forget_count_max = 1'000;

 private:
  Statement insert_;
  Statement forget_;
  sqlite3* handle_ = nullptr;
};

Result<std::vector<KeptEvent>> read_kept_events(Connection& connection,
                                                const KeptEventQuery& query);

}  // namespace harmonia::store::sqlite
