#include "cli/live_tree.h"

#include <gtest/gtest.h>

#include "cli/table.h"
#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

using server::RunStatus;
using server::RunView;
using server::TaskStatus;
using server::TaskView;

constexpr Timestamp start = from_micros(1'000'000'000'000'000);

Timestamp after(double seconds) { return start + from_seconds(seconds); }

TaskView task(std::string path, TaskStatus status) {
  TaskView view{.path = std::move(path), .title = {}, .work = "http.request", .status = status};
  if (status != TaskStatus::pending) {
    view.attempt = 1;
    view.started_at = start;
  }
  return view;
}

RunView run_of(std::vector<TaskView> tasks) {
  RunView run;
  run.workflow_name = "shop";
  run.status = RunStatus::running;
  run.created_at = start;
  for (const TaskView& one : tasks) execution::count_task(run.counts, std::nullopt, one.status);
  run.tasks = std::move(tasks);
  return run;
}

TreeFrame frame(int width = 80, int height = 24) {
  return {.width = width, .height = height, .now = after(2)};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(LiveTree, shows_every_task_with_state_time_and_attempt) {
  TaskView done = task("fetch", TaskStatus::completed);
  done.ended_at = after(0.35);
  TaskView retried = task("charge", TaskStatus::running);
  retried.attempt = 2;
  retried.attempts_max = 4;
  EXPECT_EQ(joined(draw_run(run_of({done, retried, task("report", TaskStatus::pending)}), frame())),
            "shop  running  2 s  1 of 3 tasks done\n"
            "  + fetch   http.request  350 ms\n"
            "  > charge  http.request  2 s  attempt 2/4\n"
            "  . report  http.request\n");
}

TEST(LiveTree, counts_down_to_a_retry_and_says_why) {
  TaskView waiting = task("fetch", TaskStatus::waiting);
  waiting.attempts_max = 3;
  waiting.due = after(3.95);
  waiting.error = "connection: refused\nby host";
  auto lines = draw_run(run_of({waiting}), frame());
  EXPECT_EQ(lines[1], "  ~ fetch  http.request  attempt 2/3 in 2 s  connection: refused by host");
}

TEST(LiveTree, a_wait_shows_when_it_ends) {
  TaskView waiting = task("pause", TaskStatus::waiting);
  waiting.attempt = 0;
  waiting.due = after(2.5);
  EXPECT_EQ(draw_run(run_of({waiting}), frame())[1], "  ~ pause  http.request  ends in 500 ms");
}

TEST(LiveTree, a_map_shows_how_far_it_is_and_the_items_that_are_open) {
  TaskView map = task("orders", TaskStatus::running);
  map.work = "map";
  map.scopes = server::ScopeCounts{.total = 1000, .open = 100, .completed = 498, .failed = 2};
  map.not_shown = 99;
  TaskView item = task("orders[500]/charge", TaskStatus::running);
  item.label = "[500]/charge";
  item.depth = 1;
  TaskView after_it = task("report", TaskStatus::pending);
  EXPECT_EQ(joined(draw_run(run_of({map, item, after_it}), frame())),
            "shop  running  2 s  0 of 3 tasks done\n"
            "  > orders          map           2 s  [#####.....] 500 of 1000, 2 failed\n"
            "  >   [500]/charge  http.request  2 s\n"
            "      and 99 more open\n"
            "  . report          http.request\n");
}

TEST(LiveTree, a_loop_without_a_known_end_counts_its_iterations) {
  TaskView loop = task("poll", TaskStatus::running);
  loop.scopes = server::ScopeCounts{.open = 1, .completed = 3};
  EXPECT_EQ(draw_run(run_of({loop}), frame())[1], "  > poll  http.request  2 s  3 iterations");
}

TEST(LiveTree, a_waiting_task_says_for_whom) {
  using execution::WaitsFor;
  auto line_of = [](WaitsFor what, Json asked) {
    TaskView waiting = task("a", TaskStatus::waiting);
    waiting.waits_for = what;
    waiting.asked = share(std::move(asked));
    waiting.deadline = after(62);
    return draw_run(run_of({waiting}), frame())[1];
  };
  EXPECT_EQ(line_of(WaitsFor::approval, JsonObject{{"title", "Trip to Oslo"}}),
            "  ~ a  http.request  waits for approval: Trip to Oslo  1 m 0 s left");
  EXPECT_EQ(line_of(WaitsFor::event, JsonObject{{"event", "order.paid"}}),
            "  ~ a  http.request  waits for event order.paid  1 m 0 s left");
}

TEST(LiveTree, handlers_show_what_they_handle) {
  TaskView handled = task("a", TaskStatus::running);
  handled.phase = execution::Phase::handling;
  handled.error = "http_503: no";
  EXPECT_EQ(draw_run(run_of({handled}), frame())[1],
            "  > a  http.request  2 s  handles  http_503: no");
}

TEST(LiveTree, no_line_is_wider_than_the_terminal) {
  TaskView failed = task(std::string(200, 'n'), TaskStatus::failed);
  failed.error = std::string(500, 'e');
  for (int width : {1, 10, 20, 40, 59, 60, 80, 200}) {
    for (const std::string& line : draw_run(run_of({failed}), frame(width))) {
      EXPECT_LT(display_width(line), static_cast<std::size_t>(std::max(width, 2))) << width;
    }
  }
}

TEST(LiveTree, many_tasks_are_shown_in_groups_within_the_height) {
  std::vector<TaskView> tasks;
  for (int i = 0; i < 10'000; ++i) {
    auto status = i < 4'000 ? TaskStatus::completed : TaskStatus::pending;
    if (i == 9'000) status = TaskStatus::running;
    if (i == 50) status = TaskStatus::failed;
    tasks.push_back(task("t" + std::to_string(i), status));
  }
  auto lines = draw_run(run_of(std::move(tasks)), frame(80, 10));
  EXPECT_LE(lines.size(), 10u);
  std::string text = joined(lines);
  EXPECT_NE(text.find("t9000"), std::string::npos);
  EXPECT_NE(text.find("t50"), std::string::npos);
  EXPECT_NE(text.find("3999 completed, 1 running, 5999 pending, 1 failed"), std::string::npos);
  EXPECT_NE(text.find("40 %"), std::string::npos);
}

TEST(LiveTree, colours_and_signs_only_when_asked_for) {
  auto plain = draw_run(run_of({task("a", TaskStatus::completed)}), frame());
  EXPECT_EQ(joined(plain).find('\x1b'), std::string::npos);
  TreeFrame rich = frame();
  rich.colour = rich.unicode = true;
  auto coloured = joined(draw_run(run_of({task("a", TaskStatus::completed)}), rich));
  EXPECT_NE(coloured.find("\x1b[32m✔"), std::string::npos);
}

TEST(LiveTree, what_tasks_say_cannot_steer_the_terminal) {
  TaskView failed = task("a", TaskStatus::failed);
  failed.error = "\x1b[2Jgone\r\xff\xc2\x9b";
  std::string text = joined(draw_run(run_of({failed}), frame()));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find('\xff'), std::string::npos);
  EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos);
}

TEST(Terminal, widths_count_columns) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("äöü"), 3u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\xcc\x81"), 1u);
  EXPECT_EQ(fit("日本語日本語", 7), "日本...");
  EXPECT_EQ(fit("abcdef", 2), "..");
  EXPECT_EQ(pad("ä", 3), "ä  ");
}

TEST(Table, columns_stand_below_each_other) {
  Table table({"ID", "NAME"});
  table.add({"1", "a"});
  table.add({"long", "b\nc"});
  EXPECT_EQ(table.to_text(), "ID    NAME\n1     a\nlong  b c\n");
}

}  // namespace
}  // namespace harmonia::cli
