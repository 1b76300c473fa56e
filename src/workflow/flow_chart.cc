#include "workflow/flow_chart.h"

#include <algorithm>

#include "base/utf8.h"

namespace harmonia::workflow {
namespace {

constexpr std::size_t label_size_max = 40;  // bytes of a condition in a label

FlowChart::Shape shape_of(TaskType type) {
  using Shape = FlowChart::Shape;
  switch (type) {
    case TaskType::standard:
    case TaskType::set: return Shape::box;
    case TaskType::wait:
    case TaskType::fail:
    case TaskType::terminate: return Shape::round;
    case TaskType::join: return Shape::circle;
    case TaskType::decision: return Shape::diamond;
    case TaskType::parallel:
    case TaskType::loop:
    case TaskType::map:
    case TaskType::try_block:
    case TaskType::critical: return Shape::hexagon;
    case TaskType::subworkflow: return Shape::framed;
    case TaskType::event:
    case TaskType::approval:
    case TaskType::webhook: return Shape::slanted;
  }
  return Shape::box;
}

std::string_view name_of(JoinKind kind) {
  switch (kind) {
    case JoinKind::all_success: return {};
    case JoinKind::none_failed: return "none_failed";
    case JoinKind::all_done: return "all_done";
    case JoinKind::any_success: return "any_success";
    case JoinKind::one_failed: return "one_failed";
    case JoinKind::at_least: return "at_least";
  }
  return {};
}

std::string shortened(std::string_view text) {
  return utf8_prefix(text, label_size_max) + (text.size() > label_size_max ? "..." : "");
}

class ChartMaker {
 public:
  explicit ChartMaker(const Definition& definition) : definition_(definition) {}

  FlowChart run() {
    chart_.title = definition_.name;
    chart_.root = group_of(0, {});
    if (definition_.on_failure)
      chart_.root.groups.push_back(group_of(*definition_.on_failure, "on_failure"));
    return std::move(chart_);
  }

 private:
  static std::string id_of(TaskNumber number) { return "t" + std::to_string(number); }

  FlowChart::Group group_of(BodyNumber body, std::string label) {
    FlowChart::Group group{
        .id = "b" + std::to_string(body), .label = std::move(label), .nodes = {}, .groups = {}};
    for (TaskNumber number : definition_.bodies[body].tasks) {
      group.nodes.push_back(node_of(number));
      add_dependencies(number);
      add_bodies(number, group);
    }
    return group;
  }

  FlowChart::Node node_of(TaskNumber number) const {
    const Task& task = definition_.tasks[number];
    FlowChart::Node node{.id = id_of(number), .lines = {task.name}, .shape = shape_of(task.type)};
    if (task.type != TaskType::standard) {
      node.lines.emplace_back(to_string(task.type));
    } else if (!task.action.empty()) {
      node.lines.push_back(task.component + "." + task.action);
    } else {
      node.lines.push_back(task.component);
    }
    if (!name_of(task.join.kind).empty()) {
      std::string line = "join: " + std::string(name_of(task.join.kind));
      if (task.join.kind == JoinKind::at_least) line += " " + std::to_string(task.join.count);
      node.lines.push_back(std::move(line));
    }
    return node;
  }

  void add_dependencies(TaskNumber number) {
    const Task& task = definition_.tasks[number];
    std::string when = task.when ? "when " + shortened(task.when->source()) : "";
    for (TaskNumber predecessor : task.depends_on) {
      auto labels = labels_of(predecessor, number);
      if (labels.empty()) labels.push_back(when);
      for (std::string& label : labels)
        chart_.edges.push_back(
            {.from = id_of(predecessor), .to = id_of(number), .label = std::move(label)});
    }
  }

  // The cases of a decision that lead to a task.
  std::vector<std::string> labels_of(TaskNumber predecessor, TaskNumber number) const {
    std::vector<std::string> labels;
    const auto* decision = std::get_if<Decision>(&definition_.tasks[predecessor].structure);
    if (decision == nullptr) return labels;
    auto leads = [number](const Choice& choice) {
      return std::find(choice.next.begin(), choice.next.end(), number) != choice.next.end();
    };
    for (const Choice& choice : decision->cases) {
      if (!leads(choice)) continue;
      bool has_name = !choice.name.starts_with("case_") || !choice.when;
      labels.push_back(has_name ? choice.name : shortened(choice.when->source()));
    }
    if (decision->otherwise && leads(*decision->otherwise))
      labels.push_back(decision->otherwise->name);
    return labels;
  }

  struct Held {
    BodyNumber body;
    std::string label;
    bool is_dotted = false;
  };

  std::vector<Held> bodies_of(const Task& task) const {
    std::vector<Held> held;
    if (const auto* parallel = std::get_if<Parallel>(&task.structure)) {
      for (const Branch& branch : parallel->branches) held.push_back({branch.body, branch.name});
    }
    if (const auto* loop = std::get_if<Loop>(&task.structure))
      held.push_back({loop->body, "again"});
    if (const auto* map = std::get_if<Map>(&task.structure)) held.push_back({map->body, "each"});
    if (const auto* block = std::get_if<Try>(&task.structure)) held.push_back({block->body, "try"});
    if (const auto* critical = std::get_if<Critical>(&task.structure))
      held.push_back({critical->body, "alone"});
    for (const Catch& clause : task.catches) {
      std::string label = "catch";
      for (const std::string& error : clause.errors) label += " " + error;
      if (clause.body) held.push_back({*clause.body, std::move(label), true});
    }
    if (task.finally) held.push_back({*task.finally, "finally", true});
    if (task.compensate) held.push_back({*task.compensate, "compensate", true});
    return held;
  }

  // The bodies of a task as groups beside it, with an edge to each of their first tasks.
  void add_bodies(TaskNumber number, FlowChart::Group& group) {
    const Task& task = definition_.tasks[number];
    for (Held& held : bodies_of(task)) {
      if (definition_.bodies[held.body].tasks.empty()) continue;
      for (TaskNumber inner : definition_.bodies[held.body].tasks) {
        if (!definition_.tasks[inner].depends_on.empty()) continue;
        chart_.edges.push_back({.from = id_of(number),
                                .to = id_of(inner),
                                .label = held.label,
                                .is_dotted = held.is_dotted});
      }
      group.groups.push_back(group_of(held.body, task.name + ": " + held.label));
    }
  }

  const Definition& definition_;
  FlowChart chart_;
};

}  // namespace

FlowChart make_flow_chart(const Definition& definition) { return ChartMaker(definition).run(); }

}  // namespace harmonia::workflow
