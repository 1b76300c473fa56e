#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/ledger.h"

namespace harmonia::simulation {

// How often each thing happened, by family (`event`, `task type`, `fault` ...): a simulation in
// which something never happens says nothing about it.
class Coverage {
 public:
  void note(std::string_view family, std::string_view name, std::uint64_t times = 1);
  void add(const Coverage& other);

  std::string table() const;
  // Of the list of what must happen in a run of usual length, what did not.
  std::vector<std::string> missing() const;

  // As numbers in one line each, for another process.
  std::string to_lines() const;
  void add_lines(std::string_view lines);

 private:
  std::map<std::string, std::map<std::string, std::uint64_t, std::less<>>, std::less<>> counts_;
};

// Notes what histories hold.
class HistoryCoverage final : public HistoryCheck {
 public:
  explicit HistoryCoverage(Coverage& coverage) : coverage_(coverage) {}

  void before(const RunRecord& run, const execution::Event& event) override;
  void after(const RunRecord& run, const execution::Event& event) override;

 private:
  Coverage& coverage_;
  Standing before_ = Standing::pending;
};

}  // namespace harmonia::simulation
