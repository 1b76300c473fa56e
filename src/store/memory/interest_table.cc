#include "store/memory/interest_table.h"

#include <algorithm>

#include "store/rules.h"

namespace harmonia::store {

using execution::Interest;
using execution::InterestKind;

InterestTable::Name InterestTable::name_of(std::int64_t run, const Interest& interest) {
  return {run, interest.kind, interest.task, interest.attempt, interest.key};
}

void InterestTable::apply(const Owner& owner, const execution::OwedDelta& delta) {
  const auto& removed = delta.removed.interests;
  const auto& added = delta.added.interests;
  for (const Interest& gone : removed) {
    bool stays = std::any_of(added.begin(), added.end(),
                             [&](const Interest& come) { return keeps_place(gone, come); });
    if (!stays) remove(owner, gone);
  }
  for (const Interest& come : added) {
    auto gone = std::find_if(removed.begin(), removed.end(),
                             [&](const Interest& one) { return keeps_place(one, come); });
    if (gone != removed.end()) turn(owner, *gone, come);
    add(owner, come);
  }
}

void InterestTable::remove(const Owner& owner, const Interest& interest) {
  auto found = places_.find(name_of(owner.number, interest));
  if (found == places_.end()) return;
  rows_.erase(found->second);
  places_.erase(found);
}

void InterestTable::add(const Owner& owner, const Interest& interest) {
  std::int64_t place = last_place_ + 1;
  if (!places_.emplace(name_of(owner.number, interest), place).second) return;
  last_place_ = place;
  InterestRow row{.place = place, .execution = owner.execution, .interest = interest};
  rows_[place] = {.run = owner.number, .row = std::move(row)};
}

void InterestTable::turn(const Owner& owner, const Interest& gone, const Interest& come) {
  auto found = places_.find(name_of(owner.number, gone));
  if (found == places_.end()) return;
  if (places_.contains(name_of(owner.number, come))) return remove(owner, gone);
  std::int64_t place = found->second;
  std::vector<PlaceMove> moves;
  if (come.kind == InterestKind::lock) {
    auto line = places_of(InterestKind::lock, come.key);
    if (line.size() > come.limit) line.resize(come.limit);
    moves = turn_back(place, line, places_of(InterestKind::aside, come.key), come.limit);
  }
  places_.erase(found);
  places_[name_of(owner.number, come)] = place;
  rows_[place].row.interest = come;
  std::vector<Entry> moved;
  for (const PlaceMove& move : moves) {
    moved.push_back(std::move(rows_[move.from]));
    moved.back().row.place = move.to;
    rows_.erase(move.from);
  }
  for (Entry& entry : moved) {
    places_[name_of(entry.run, entry.row.interest)] = entry.row.place;
    rows_[entry.row.place] = std::move(entry);
  }
}

std::vector<std::int64_t> InterestTable::places_of(InterestKind kind,
                                                   const std::string& key) const {
  std::vector<std::int64_t> places;
  for (const auto& [place, entry] : rows_) {
    const Interest& interest = entry.row.interest;
    if (interest.kind == kind && interest.key == key) places.push_back(place);
  }
  return places;
}

std::vector<InterestRow> InterestTable::read(const InterestQuery& query) const {
  std::vector<InterestRow> rows;
  auto next = rows_.upper_bound(query.after);
  for (; next != rows_.end() && rows.size() < query.limit; ++next) {
    const Interest& interest = next->second.row.interest;
    if (query.key && (interest.kind != query.kind || interest.key != *query.key)) continue;
    rows.push_back(next->second.row);
  }
  return rows;
}

}  // namespace harmonia::store
