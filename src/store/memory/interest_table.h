#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "store/store.h"

namespace harmonia::store {

// The rows of what runs wait for, by place. Not thread-safe.
class InterestTable {
 public:
  struct Owner {
    std::int64_t number = 0;  // of the run
    ExecutionId execution;
  };
  // What a commit of this run removes and adds.
  void apply(const Owner& owner, const execution::OwedDelta& delta);
  std::vector<InterestRow> read(const InterestQuery& query) const;

 private:
  // By what a row is known.
  using Name = std::tuple<std::int64_t, execution::InterestKind, std::optional<execution::TaskRef>,
                          std::uint32_t, std::string>;
  struct Entry {
    std::int64_t run = 0;
    InterestRow row;
  };

  static Name name_of(std::int64_t run, const execution::Interest& interest);
  void remove(const Owner& owner, const execution::Interest& interest);
  void add(const Owner& owner, const execution::Interest& interest);
  // A lock that turns aside, or back (rules.h).
  void turn(const Owner& owner, const execution::Interest& gone, const execution::Interest& come);
  std::vector<std::int64_t> places_of(execution::InterestKind kind, const std::string& key) const;

  std::map<Name, std::int64_t> places_;
  std::map<std::int64_t, Entry> rows_;  // by place
  std::int64_t last_place_ = 0;
};

}  // namespace harmonia::store
