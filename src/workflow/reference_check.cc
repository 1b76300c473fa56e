#include <algorithm>
#include <unordered_map>

#include "base/utf8.h"
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
    ids_.resize(builder.definition.bodies.size());
    numbers_.resize(builder.definition.bodies.size());
    for (TaskNumber number = 0; number < tasks_.size(); ++number) {
      numbers_[tasks_[number].body][tasks_[number].id] = number;
      ids_[tasks_[number].body].push_back(tasks_[number].id);
    }
  }

  void check(TaskReference& reference) {
    View view{.body = reference.from ? tasks_[*reference.from].body : reference.body,
              .from = reference.from};
    // From the inside out: an inner task hides an outer one of the same id.
    for (std::optional<View> at = view; at; at = around(*at)) {
      auto found = numbers_[at->body].find(reference.path.front());
      if (found == numbers_[at->body].end()) continue;
      reference.found = found->second;
      return check_found(reference, *at, found->second);
    }
    const std::string& id = reference.path.front();
    report(reference, "there is no task '" + utf8_prefix(id, 80) + "'", hint_for_unknown(id, view));
  }

 private:
  // What can be seen: the ancestors of `from` in a body, or all of its tasks.
  struct View {
    BodyNumber body = 0;
    std::optional<TaskNumber> from;
    bool from_too = false;  // compensation: its owner has completed
  };

  std::optional<View> around(const View& view) const {
    const Body& body = builder_.definition.bodies[view.body];
    if (body.role == BodyRole::on_failure) return View{.body = 0, .from = std::nullopt};
    if (!body.owner) return std::nullopt;
    return View{.body = tasks_[*body.owner].body,
                .from = body.owner,
                .from_too = body.role == BodyRole::undo};
  }

  void check_found(const TaskReference& reference, const View& view, TaskNumber found) {
    if (!view.from) return;
    const std::string& id = tasks_[found].id;
    const std::string& task = tasks_[*view.from].id;
    if (*view.from == found) {
      if (view.from_too) return;
      bool is_around = view.from != reference.from;
      bool in_output = reference.place == ExpressionPlace::task_output;
      return report(reference,
                    is_around ? "'" + id + "' is not over yet: this stands in it"
                              : "the task '" + id + "' refers to itself",
                    in_output && !is_around ? "what it gave is `result` here" : "");
    }
    // With a cycle nobody knows who comes before whom; the cycle is reported.
    if (!has_order_ || is_before(found, *view.from)) return;
    report(reference, "'" + id + "' is not certain to be over when '" + task + "' starts",
           "name it in depends_on of '" + task + "' or of a task before it");
  }

  bool is_before(TaskNumber ancestor, TaskNumber task) {
    const auto& direct = tasks_[task].depends_on;
    if (std::find(direct.begin(), direct.end(), ancestor) != direct.end()) return true;
    if (!ancestors_) ancestors_.emplace(builder_);
    return ancestors_->contains(task, ancestor);
  }

  std::string hint_for_unknown(const std::string& id, const View& view) const {
    if (builder_.findings.full()) return {};
    std::vector<std::string_view> seen;
    for (std::optional<View> at = view; at; at = around(*at))
      seen.insert(seen.end(), ids_[at->body].begin(), ids_[at->body].end());
    return did_you_mean(nearest_name(id, seen));
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
  std::vector<std::unordered_map<std::string_view, TaskNumber>> numbers_;  // by body
  std::vector<std::vector<std::string_view>> ids_;
  std::optional<Ancestors> ancestors_;  // made when a reference needs it
};

}  // namespace

void check_references(DefinitionBuilder& builder) {
  ReferenceCheck check(builder);
  for (TaskReference& reference : builder.references) check.check(reference);
}

}  // namespace harmonia::workflow
