#include "cli/live_tree.h"

#include <algorithm>
#include <iterator>

#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

using server::RunStatus;
using server::RunView;
using server::TaskStatus;
using server::TaskView;

enum class Paint { plain, dim, bold, green, red, yellow, cyan };

std::string_view code_of(Paint paint) {
  switch (paint) {
    case Paint::plain: return "";
    case Paint::dim: return "\x1b[2m";
    case Paint::bold: return "\x1b[1m";
    case Paint::green: return "\x1b[32m";
    case Paint::red: return "\x1b[31m";
    case Paint::yellow: return "\x1b[33m";
    case Paint::cyan: return "\x1b[36m";
  }
  return "";
}

// One line that never grows wider than the frame.
class Line {
 public:
  explicit Line(const TreeFrame& frame)
      : colour_(frame.colour), room_(static_cast<std::size_t>(std::max(frame.width - 1, 1))) {}

  Line& add(std::string_view text, Paint paint = Paint::plain) {
    std::string shown = fit(text, room_);
    room_ -= display_width(shown);
    if (shown.empty()) return *this;
    bool is_painted = colour_ && paint != Paint::plain;
    if (is_painted) text_ += code_of(paint);
    text_ += shown;
    if (is_painted) text_ += "\x1b[0m";
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  bool colour_;
  std::size_t room_;
};

struct Look {
  std::string_view sign;
  std::string_view ascii;
  Paint paint;
  std::string_view word;
};

Look look_of(TaskStatus status) {
  switch (status) {
    case TaskStatus::pending: return {"·", ".", Paint::dim, "pending"};
    case TaskStatus::running: return {"▶", ">", Paint::cyan, "running"};
    case TaskStatus::waiting: return {"◷", "~", Paint::yellow, "waiting"};
    case TaskStatus::completed: return {"✔", "+", Paint::green, "completed"};
    case TaskStatus::failed: return {"✘", "x", Paint::red, "failed"};
    case TaskStatus::skipped: return {"–", "-", Paint::dim, "skipped"};
    case TaskStatus::canceled: return {"■", "#", Paint::yellow, "canceled"};
  }
  return {"?", "?", Paint::plain, ""};
}

Paint paint_of(RunStatus status) {
  switch (status) {
    case RunStatus::pending: return Paint::dim;
    case RunStatus::running: return Paint::cyan;
    case RunStatus::paused: return Paint::yellow;
    case RunStatus::completed: return Paint::green;
    case RunStatus::failed: return Paint::red;
    case RunStatus::canceled: return Paint::yellow;
  }
  return Paint::plain;
}

std::string elapsed(const std::optional<Timestamp>& from, const std::optional<Timestamp>& to,
                    Timestamp now) {
  if (!from) return {};
  return to_human(std::max(to.value_or(now) - *from, Duration(0)));
}

// Countdowns and running times in steps a person can read.
std::string remaining(Timestamp due, Timestamp now) {
  Duration left = std::max(due - now, Duration(0));
  constexpr Duration step = std::chrono::milliseconds(100);
  return to_human((left + step - Duration(1)) / step * step);
}

std::uint32_t done_of(const execution::TaskCounts& counts) {
  return counts.completed + counts.failed + counts.skipped + counts.canceled;
}

std::uint32_t count_of(const execution::TaskCounts& counts, TaskStatus status) {
  switch (status) {
    case TaskStatus::pending:
      return counts.total - done_of(counts) - counts.running - counts.waiting;
    case TaskStatus::running: return counts.running;
    case TaskStatus::waiting: return counts.waiting;
    case TaskStatus::completed: return counts.completed;
    case TaskStatus::failed: return counts.failed;
    case TaskStatus::skipped: return counts.skipped;
    case TaskStatus::canceled: return counts.canceled;
  }
  return 0;
}

// The widths of the columns, so that they stand below each other.
struct Columns {
  std::size_t name = 0;
  std::size_t work = 0;
};

std::string name_of(const TaskView& task) {
  return std::string(2 * std::size_t{task.depth}, ' ') +
         printable(task.label.empty() ? task.path : task.label);
}

Columns measure(const std::vector<const TaskView*>& tasks, const TreeFrame& frame) {
  Columns columns;
  for (const TaskView* task : tasks) {
    columns.name = std::max(columns.name, display_width(name_of(*task)));
    columns.work = std::max(columns.work, display_width(task->work));
  }
  auto width = static_cast<std::size_t>(std::max(frame.width, 20));
  columns.name = std::min(columns.name, width / 2);
  columns.work = width < 60 ? 0 : std::min(columns.work, width / 4);
  return columns;
}

std::string join(std::string left, const std::string& right) {
  if (left.empty() || right.empty()) return left + right;
  return left + "  " + right;
}

std::string asked_text(const TaskView& task, std::string_view member) {
  bool is_object = task.asked && task.asked->is_object();
  return is_object ? printable(get_string(task.asked->get_object(), member)) : std::string();
}

// A waiting task: for what, and for how long yet.
std::string wait_of(const TaskView& task, Timestamp now) {
  using execution::WaitsFor;
  std::string limit = task.deadline ? remaining(*task.deadline, now) + " left" : "";
  switch (task.waits_for) {
    case WaitsFor::time: return {};
    case WaitsFor::slot: return "waits for a free slot";
    case WaitsFor::event: return join("waits for event " + asked_text(task, "event"), limit);
    case WaitsFor::approval: {
      std::string title = asked_text(task, "title");
      return join("waits for approval" + (title.empty() ? "" : ": " + title), limit);
    }
    case WaitsFor::callback: return join("waits for the callback", limit);
    case WaitsFor::incident: return join("waits for an operator", printable(task.error));
    case WaitsFor::lock: return join("waits for its turn", limit);
    case WaitsFor::child: return join("waits for its subworkflow", limit);
  }
  return {};
}

std::string bar_of(double part, std::size_t width, bool unicode) {
  auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) {
    bool is_filled = i < filled;
    if (unicode) {
      bar += is_filled ? "█" : "░";
    } else {
      bar += is_filled ? '#' : '.';
    }
  }
  return bar;
}

// `[####......] 4 of 10, 1 failed`, of branches, items and iterations.
std::string scopes_of(const TaskView& task, const TreeFrame& frame) {
  if (!task.scopes) return {};
  const auto& scopes = *task.scopes;
  std::uint64_t done = std::uint64_t{scopes.completed} + scopes.failed;
  std::string text = std::to_string(done);
  if (scopes.total) text += " of " + std::to_string(*scopes.total);
  if (scopes.total && *scopes.total > 0) {
    constexpr std::size_t bar_width = 10;
    double part = static_cast<double>(done) / static_cast<double>(*scopes.total);
    text.insert(0, "[" + bar_of(part, bar_width, frame.unicode) + "] ");
  }
  if (!scopes.total) text += done == 1 ? " iteration" : " iterations";
  if (scopes.failed > 0) text += ", " + std::to_string(scopes.failed) + " failed";
  return text;
}

// What stands behind name and kind of work: attempt, time or countdown, and why.
std::string detail_of(const TaskView& task, const TreeFrame& frame) {
  Timestamp now = frame.now;
  std::string attempts;
  if (task.attempt > 1 || (task.attempt == 1 && !task.error.empty() && task.attempts_max > 1)) {
    attempts = "attempt " + std::to_string(task.attempt) + "/" + std::to_string(task.attempts_max);
  }
  switch (task.status) {
    case TaskStatus::pending: return {};
    case TaskStatus::running: {
      std::string text = join(elapsed(task.started_at, {}, now), attempts);
      if (task.phase == execution::Phase::handling) text = join(text, "handles");
      if (task.phase == execution::Phase::cleanup) text = join(text, "finally");
      text = join(text, scopes_of(task, frame));
      return task.phase == execution::Phase::work ? text : join(text, printable(task.error));
    }
    case TaskStatus::waiting: {
      if (std::string wait = wait_of(task, now); !wait.empty()) return wait;
      if (!task.due) return attempts;
      if (task.attempt == 0) return "ends in " + remaining(*task.due, now);
      std::string next = "attempt " + std::to_string(task.attempt + 1) + "/" +
                         std::to_string(task.attempts_max) + " in " + remaining(*task.due, now);
      return join(next, printable(task.error));
    }
    case TaskStatus::completed: return join(elapsed(task.started_at, task.ended_at, now), attempts);
    case TaskStatus::failed:
      return join(join(elapsed(task.started_at, task.ended_at, now), attempts),
                  printable(task.error));
    case TaskStatus::skipped:
    case TaskStatus::canceled: return printable(task.reason);
  }
  return {};
}

std::string draw_task(const TaskView& task, const Columns& columns, const TreeFrame& frame) {
  Look look = look_of(task.status);
  Paint detail = task.status == TaskStatus::failed ? Paint::red : Paint::dim;
  if (task.status == TaskStatus::waiting) detail = Paint::yellow;
  Line line(frame);
  line.add("  ");
  line.add(frame.unicode ? look.sign : look.ascii, look.paint).add(" ");
  line.add(pad(fit(name_of(task), columns.name), columns.name),
           task.status == TaskStatus::running ? Paint::bold : Paint::plain);
  if (columns.work > 0) {
    line.add("  ").add(pad(fit(printable(task.work), columns.work), columns.work), Paint::dim);
  }
  std::string text = detail_of(task, frame);
  if (!text.empty()) line.add("  ").add(text, detail);
  return line.take();
}

std::string draw_title(const RunView& run, const TreeFrame& frame) {
  Line line(frame);
  line.add(printable(run.workflow_name), Paint::bold).add("  ");
  line.add(to_string(run.status), paint_of(run.status)).add("  ");
  line.add(elapsed(run.created_at, run.ended_at, frame.now) + "  ");
  line.add(std::to_string(done_of(run.counts)) + " of " + std::to_string(run.counts.total) +
               " tasks done",
           Paint::dim);
  return line.take();
}

std::string draw_bar(const execution::TaskCounts& counts, const TreeFrame& frame) {
  auto width = static_cast<std::size_t>(std::clamp(frame.width - 20, 10, 50));
  double part = counts.total == 0 ? 0.0 : static_cast<double>(done_of(counts)) / counts.total;
  Line line(frame);
  line.add("  [").add(bar_of(part, width, frame.unicode), Paint::green);
  line.add("] " + std::to_string(static_cast<int>(part * 100)) + " %");
  return line.take();
}

std::string draw_counts(const execution::TaskCounts& counts, const TreeFrame& frame) {
  Line line(frame);
  line.add("  ");
  bool is_first = true;
  for (TaskStatus status :
       {TaskStatus::completed, TaskStatus::running, TaskStatus::waiting, TaskStatus::pending,
        TaskStatus::failed, TaskStatus::skipped, TaskStatus::canceled}) {
    if (count_of(counts, status) == 0) continue;
    Look look = look_of(status);
    if (!is_first) line.add(", ");
    is_first = false;
    line.add(std::to_string(count_of(counts, status)) + " " + std::string(look.word), look.paint);
  }
  return line.take();
}

// What matters most while it does not all fit: what runs, then what waits, then what failed.
std::vector<const TaskView*> choose_tasks(const RunView& run, std::size_t room) {
  std::vector<const TaskView*> chosen;
  for (TaskStatus status : {TaskStatus::running, TaskStatus::waiting, TaskStatus::failed}) {
    for (const TaskView& task : run.tasks) {
      if (chosen.size() >= room) return chosen;
      if (task.status == status) chosen.push_back(&task);
    }
  }
  return chosen;
}

std::string draw_not_shown(const TaskView& owner, const TreeFrame& frame) {
  Line line(frame);
  line.add("    " + std::string(2 * (std::size_t{owner.depth} + 1), ' '));
  line.add("and " + std::to_string(owner.not_shown) + " more open", Paint::dim);
  return line.take();
}

// The tasks, and below the items of a map or a loop how many more there are.
std::vector<std::string> draw_tasks(const std::vector<const TaskView*>& tasks,
                                    const TreeFrame& frame) {
  Columns columns = measure(tasks, frame);
  std::vector<std::string> lines;
  std::vector<const TaskView*> cut;  // owners whose items are being drawn
  auto close = [&](unsigned depth) {
    while (!cut.empty() && cut.back()->depth >= depth) {
      lines.push_back(draw_not_shown(*cut.back(), frame));
      cut.pop_back();
    }
  };
  for (const TaskView* task : tasks) {
    close(task->depth);
    lines.push_back(draw_task(*task, columns, frame));
    if (task->not_shown > 0) cut.push_back(task);
  }
  close(0);
  return lines;
}

std::size_t lines_of(const RunView& run) {
  auto is_cut = [](const TaskView& task) { return task.not_shown > 0; };
  auto cut = std::count_if(run.tasks.begin(), run.tasks.end(), is_cut);
  return run.tasks.size() + static_cast<std::size_t>(cut) + 1;
}

// In groups, for what does not fit: out of their order labels would say too little.
std::vector<std::string> draw_groups(const RunView& run, std::size_t room, const TreeFrame& frame) {
  std::vector<TaskView> chosen;
  for (const TaskView* task : choose_tasks(run, room)) {
    TaskView& view = chosen.emplace_back(*task);
    view.label = view.path;
    view.depth = 0;
    view.not_shown = 0;
  }
  std::vector<const TaskView*> shown;
  for (const TaskView& task : chosen) shown.push_back(&task);
  std::vector<std::string> lines = draw_tasks(shown, frame);
  lines.push_back(draw_counts(run.counts, frame));
  lines.push_back(draw_bar(run.counts, frame));
  return lines;
}

}  // namespace

std::vector<std::string> draw_run(const RunView& run, const TreeFrame& frame) {
  std::vector<std::string> lines{draw_title(run, frame)};
  auto height = static_cast<std::size_t>(std::max(frame.height, 4));
  std::vector<std::string> body;
  if (lines_of(run) <= height) {
    std::vector<const TaskView*> shown;
    for (const TaskView& task : run.tasks) shown.push_back(&task);
    body = draw_tasks(shown, frame);
  } else {
    body = draw_groups(run, height - 3, frame);
  }
  lines.insert(lines.end(), std::make_move_iterator(body.begin()),
               std::make_move_iterator(body.end()));
  return lines;
}

std::string draw_run_line(const RunView& run, const TreeFrame& frame) {
  return draw_title(run, frame);
}

}  // namespace harmonia::cli
