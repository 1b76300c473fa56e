#include <random>

#include "store/conformance/driver.h"
#include "store/conformance/samples.h"
#include "store/memory/memory_store.h"

namespace harmonia::store {
namespace {

using execution::Interest;
using execution::InterestKind;
using execution::RunStatus;
using execution::TimerKind;
using execution::Wake;

// Random operations, the same on both stores; every answer must be the same text.
class Differential {
 public:
  Differential(Store& reference, Store& tested, std::uint64_t seed)
      : reference_(reference), tested_(tested), random_(seed) {}

  void step() {
    switch (pick(14)) {
      case 0: return put();
      case 1: return del();
      case 2: return list();
      case 3: return list_definitions();
      case 4: return read_one();
      case 5: return read_owed();
      case 6: return read_feed();
      case 7: return keep();
      case 8: return read_interests();
      default: return commit();
    }
  }
  void read_everything() {
    same([](Store& s) { return describe(s.read_feed(0, 1'000'000)); });
    same([](Store& s) { return describe(s.list_executions({.limit = 1'000'000})); });
    same([](Store& s) { return describe(s.read_at_work({.limit = 1'000'000})); });
    same([](Store& s) { return describe(s.read_timers({.due_before = time_at(1'000'000)})); });
    same([](Store& s) { return describe(s.read_interests({.limit = 1'000'000})); });
    for (std::uint64_t i = 0; i < executions; ++i)
      same([id = execution_id(i)](Store& s) { return describe(s.load_execution(id)); });
  }

 private:
  static constexpr std::uint64_t executions = 12;
  static constexpr std::uint64_t workflows = 4;

  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  bool chance(std::uint64_t in) { return pick(in) == 0; }

  template <class Read>
  void same(Read read) {
    EXPECT_EQ(read(tested_), read(reference_));
  }

  std::uint64_t version_of(ExecutionId id) {
    auto loaded = *reference_.load_execution(id);
    if (!loaded) return 0;
    return loaded->tail.empty() ? loaded->snapshot->seq : loaded->tail.back().seq;
  }

  Wake some_wake() {
    return {.due = time_at(static_cast<std::int64_t>(pick(5))),
            .kind = static_cast<TimerKind>(pick(4)),
            .task = {.scope = 0, .task = static_cast<std::uint32_t>(pick(3))},
            .attempt = 1};
  }
  Interest some_interest() {
    Interest interest{.kind = static_cast<InterestKind>(pick(4)),
                      .attempt = static_cast<std::uint32_t>(pick(2)),
                      .key = some_key(),
                      .limit = static_cast<std::uint32_t>(pick(3) + 1),
                      .policy = static_cast<workflow::ConcurrencyPolicy>(pick(3))};
    if (!chance(3)) interest.task = {.scope = 0, .task = static_cast<std::uint32_t>(pick(2))};
    return interest;
  }
  // A lock turns aside, or back.
  void turn(execution::OwedDelta& delta) {
    Interest in_line = some_interest();
    in_line.kind = InterestKind::lock;
    Interest aside = in_line;
    aside.kind = InterestKind::aside;
    bool back = chance(2);
    delta.removed.interests.push_back(back ? aside : in_line);
    delta.added.interests.push_back(back ? in_line : aside);
  }
  std::string some_key() { return chance(2) ? "" : "lock"; }

  Commit some_commit(ExecutionId id, std::uint64_t version) {
    Commit commit = make_commit(id, version, pick(4) + 1);
    for (std::uint64_t i = pick(3); i > 0; --i) {
      commit.owed.added.wakes.push_back(some_wake());
      commit.owed.removed.wakes.push_back(some_wake());
      commit.owed.added.interests.push_back(some_interest());
      commit.owed.removed.interests.push_back(some_interest());
      if (chance(3)) turn(commit.owed);
    }
    commit.at_work = chance(2);
    if (chance(2)) {
      commit.summary = make_summary(id, static_cast<RunStatus>(pick(3)));
      commit.summary->tasks.total = static_cast<std::uint32_t>(pick(100));
      for (std::uint64_t i = pick(3); i > 0; --i)
        commit.summary->tags.push_back("tag" + std::to_string(pick(4)));
    } else {
      commit.tasks = {.total = static_cast<std::uint32_t>(pick(100)), .completed = 1};
    }
    if (chance(4)) commit.snapshot = Snapshot{.seq = version + 1, .state = std::to_string(version)};
    if (chance(4)) commit.command = make_command("key" + std::to_string(pick(40)));
    return commit;
  }

  void commit() {
    std::vector<Commit> commits;
    std::map<ExecutionId, std::uint64_t> versions;
    for (std::uint64_t i = pick(5) + 1; i > 0; --i) {
      ExecutionId id = execution_id(pick(executions));
      auto [version, is_new] = versions.try_emplace(id, 0);
      if (is_new) version->second = version_of(id);
      if (chance(8)) version->second += pick(3);  // mostly a conflict
      commits.push_back(some_commit(id, version->second));
      version->second = commits.back().events.back().seq;
    }
    same([&commits](Store& s) { return describe(s.commit(commits)); });
  }

  void put() {
    PutDefinition put = make_definition(pick(workflows), "name" + std::to_string(pick(3)));
    put.create = chance(2);
    put.at = time_at(static_cast<std::int64_t>(pick(50)));
    if (chance(2)) put.expected_revision = static_cast<std::uint32_t>(pick(4) + 1);
    if (chance(2)) put.tags = {"tag" + std::to_string(pick(3))};
    if (chance(4)) put.command = make_command("key" + std::to_string(pick(40)));
    same([&put](Store& s) { return describe(s.put_definition(put)); });
  }

  void del() {
    DeleteDefinition del{.id = workflow_id(pick(workflows)), .at = time_at(1)};
    same([&del](Store& s) { return describe(s.delete_definition(del)); });
  }

  void list() {
    ExecutionQuery query;
    for (std::uint64_t i = pick(3); i > 0; --i)
      query.statuses.push_back(static_cast<RunStatus>(pick(3)));
    if (chance(2)) query.workflow = workflow_id(pick(2));
    if (chance(3)) query.tag = "tag" + std::to_string(pick(5));
    if (chance(3)) query.text = chance(2) ? "NIGHT" : "0000-7";
    if (chance(3)) query.cursor = "e" + std::to_string(pick(executions) + 1);
    if (chance(3)) query.offset = pick(4);
    query.limit = pick(6);
    same([&query](Store& s) { return describe(s.list_executions(query)); });
    same([](Store& s) { return std::to_string(s.stats()->executions_active); });
  }

  void list_definitions() {
    DefinitionQuery query{.limit = pick(4)};
    if (chance(2)) query.tag = "tag" + std::to_string(pick(3));
    if (chance(2)) query.text = "AME1";
    if (chance(2)) query.offset = pick(3);
    same([&query](Store& s) { return describe(s.list_definitions(query)); });
    std::string name = "name" + std::to_string(pick(3));
    same([&name](Store& s) { return describe(s.find_definition_by_name(name)); });
    auto revision = static_cast<std::uint32_t>(pick(4));
    auto id = workflow_id(pick(workflows));
    same([&](Store& s) { return describe(s.find_definition(id, revision)); });
  }

  void read_one() {
    ExecutionId id = execution_id(pick(executions));
    HistoryQuery query{.execution = id, .after_seq = pick(30), .limit = pick(20)};
    std::string key = "key" + std::to_string(pick(40));
    same([&](Store& s) { return describe(s.find_summary(id)); });
    same([&](Store& s) { return describe(s.load_execution(id)); });
    same([&](Store& s) { return describe(s.read_history(query)); });
    same([&](Store& s) { return describe(s.find_command(key)); });
  }

  void read_owed() {
    AtWorkQuery at_work{.limit = pick(20)};
    if (chance(2)) at_work.after = execution_id(pick(executions));
    TimerQuery timers{.due_before = time_at(static_cast<std::int64_t>(pick(7))), .limit = pick(20)};
    same([&](Store& s) { return describe(s.read_at_work(at_work)); });
    same([&](Store& s) { return describe(s.read_timers(timers)); });
  }

  // A page of all, or of those of a key, behind a row both have.
  void read_interests() {
    InterestQuery query{.kind = static_cast<InterestKind>(pick(4)), .limit = pick(20)};
    if (chance(2)) query.key = some_key();
    std::size_t behind = pick(30);
    same([&](Store& s) {
      InterestQuery page = query;
      auto rows = *s.read_interests({.limit = 1'000'000});
      if (behind < rows.size()) page.after = rows[behind].place;
      return describe(s.read_interests(page));
    });
  }

  void keep() {
    KeptEvent event =
        make_event("event" + std::to_string(pick(60)), static_cast<std::int64_t>(pick(20)));
    if (chance(2)) event.name = "shipped";
    KeptEventQuery query{.name = chance(2) ? "shipped" : "paid",
                         .correlation = event.correlation,
                         .now = time_at(static_cast<std::int64_t>(pick(30))),
                         .limit = pick(20)};
    same([&event](Store& s) { return describe(s.keep_event(event)); });
    same([&query](Store& s) { return describe(s.read_kept_events(query)); });
    if (!chance(8)) return;
    same([&query](Store& s) { return describe(s.forget_expired_events(query.now)); });
  }

  void read_feed() {
    auto after = static_cast<Position>(pick(60));
    std::size_t limit = pick(20);
    same([&](Store& s) { return describe(s.read_feed(after, limit)); });
    same([](Store& s) { return describe(s.last_position()); });
  }

  Store& reference_;
  Store& tested_;
  std::mt19937_64 random_;
};

TEST_P(StoreConformance, random_operations_are_answered_as_by_the_store_in_memory) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TemporaryDirectory directory;
    auto tested = GetParam().open(directory.path());
    ASSERT_TRUE(tested.ok());
    auto reference = make_memory_store();
    Differential differential(*reference, **tested, seed);
    for (int i = 0; i < 250 && !HasFailure(); ++i) differential.step();
    differential.read_everything();
    EXPECT_EQ(describe((*tested)->check()), "");
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace harmonia::store
