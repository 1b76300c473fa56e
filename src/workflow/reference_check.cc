#include <algorithm>
#include <unordered_map>

#include "workflow/compile.h"

namespace harmonia::workflow {
namespace {

// Who is an ancestor of whom, as one row of bits for each task.
class Ancestors {
 public:
  explicit Ancestors(const DefinitionBuilder& builder)
      : words_((builder.definition.tasks.size() + 63) / 64),
        bits_(words_ * builder.definition.tasks.size()) {
    for (TaskNumber number : builder.order) {
      for (TaskNumber predecessor : builder.definition.tasks[number].depends_on)
        include(number, predecessor);
    }
  }

  bool contains(TaskNumber task, TaskNumber ancestor) const {
    return ((bits_[task * words_ + ancestor / 64] >> (ancestor % 64)) & 1) != 0;
  }

 private:
  void include(TaskNumber task, TaskNumber predecessor) {
    for (std::size_t i = 0; i < words_; ++i)
      bits_[task * words_ + i] |= bits_[predecessor * words_ + i];
    bits_[task * words_ + predecessor / 64] |= std::uint64_t{1} << (predecessor % 64);
  }

  std::size_t words_;
  std::vector<std::uint64_t> bits_;
};

class ReferenceCheck {
 public:
  explicit ReferenceCheck(DefinitionBuilder& builder)
      : builder_(builder),
        tasks_(builder.definition.tasks),
        has_order_(builder.order.size() == builder.definition.tasks.size()) {
    for (TaskNumber number = 0; number < tasks_.size(); ++number) {
      numbers_[tasks_[number].id] = number;
      ids_.push_back(tasks_[number].id);
    }
  }

  void check(const TaskReference& reference) {
    const std::string& id = reference.path.front();
    auto found = numbers_.find(id);
    if (found == numbers_.end()) {
      return report(reference, "there is no task '" + id.substr(0, 80) + "'", hint_for_unknown(id));
    }
    if (!reference.from) return;
    if (*reference.from == found->second) {
      bool in_output = reference.place == ExpressionPlace::task_output;
      return report(reference, "the task '" + id + "' refers to itself",
                    in_output ? "what it gave is `result` here" : "");
    }
    // With a cycle nobody knows who comes before whom; the cycle is reported.
    if (!has_order_ || is_before(found->second, *reference.from)) return;
    report(
        reference,
        "'" + id + "' is not certain to be over when '" + tasks_[*reference.from].id + "' starts",
        "name it in depends_on of '" + tasks_[*reference.from].id + "' or of a task before it");
  }

 private:
  bool is_before(TaskNumber ancestor, TaskNumber task) {
    const auto& direct = tasks_[task].depends_on;
    if (std::find(direct.begin(), direct.end(), ancestor) != direct.end()) return true;
    if (!ancestors_) ancestors_.emplace(builder_);
    return ancestors_->contains(task, ancestor);
  }

  std::string hint_for_unknown(const std::string& id) const {
    if (builder_.findings.full()) return {};
    return did_you_mean(nearest_name(id, ids_));
  }

  void report(const TaskReference& reference, std::string message, std::string hint) {
    builder_.findings.add({.pointer = reference.pointer,
                           .message = std::move(message),
                           .hint = std::move(hint),
                           .spot = {.offset = reference.offset}});
  }

  DefinitionBuilder& builder_;
  const std::vector<Task>& tasks_;
  bool has_order_;
  std::unordered_map<std::string_view, TaskNumber> numbers_;
  std::vector<std::string_view> ids_;
  std::optional<Ancestors> ancestors_;  // made when a reference needs it
};

}  // namespace

void check_references(DefinitionBuilder& builder) {
  ReferenceCheck check(builder);
  for (const TaskReference& reference : builder.references) check.check(reference);
}

}  // namespace harmonia::workflow
