#include <algorithm>

#include "workflow/compile.h"

namespace harmonia::workflow {
namespace {

class UndoViews {
 public:
  explicit UndoViews(DefinitionBuilder& builder)
      : builder_(builder), bodies_(builder.definition.bodies), tasks_(builder.definition.tasks) {}

  // Every compensation between the reference and the body of the task that it names.
  void add(const TaskReference& reference) {
    if (!reference.found) return;
    BodyNumber home = tasks_[*reference.found].body;
    BodyNumber body = reference.from ? tasks_[*reference.from].body : reference.body;
    for (std::optional<BodyNumber> at = body; at && *at != home; at = around(*at)) {
      if (needs(*at, reference.pointer))
        include(owner(*at).undo_view.tasks, reference.path.front());
    }
  }

  void add(const PlaceReference& reference) {
    for (std::optional<BodyNumber> at = reference.body; at; at = around(*at)) {
      if (adds_root(*at, reference.root)) return;
      if (!needs(*at, reference.pointer)) continue;
      if (reference.root == "tasks") return refuse(reference);
      include(owner(*at).undo_view.roots, reference.root);
    }
  }

 private:
  Task& owner(BodyNumber undo) { return tasks_[*bodies_[undo].owner]; }

  std::optional<BodyNumber> around(BodyNumber body) const {
    if (bodies_[body].owner) return tasks_[*bodies_[body].owner].body;
    if (body == 0) return std::nullopt;
    return BodyNumber{0};
  }

  // The input of a compensation is evaluated when its task completes, unless it tells where to call
  // back.
  bool needs(BodyNumber body, const std::string& pointer) const {
    if (bodies_[body].role != BodyRole::undo || !bodies_[body].owner) return false;
    if (bodies_[body].tasks.empty()) return false;
    TaskNumber undo = bodies_[body].tasks.front();
    bool in_input = pointer.starts_with(child_pointer(builder_.pointers[undo], "input"));
    return !in_input || tasks_[undo].type == TaskType::webhook;
  }

  bool adds_root(BodyNumber body, const std::string& root) const {
    auto count = [&](BodyNumber one) {
      return std::count(builder_.roots[one].begin(), builder_.roots[one].end(), root);
    };
    auto outer = around(body);
    return count(body) > (outer ? count(*outer) : 0);
  }

  static void include(std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }

  void refuse(const PlaceReference& reference) {
    builder_.findings.error(reference.pointer,
                            "a compensation names the tasks it looks at outright",
                            "write tasks.ID; only these are kept for it");
  }

  DefinitionBuilder& builder_;
  const std::vector<Body>& bodies_;
  std::vector<Task>& tasks_;
};

}  // namespace

void find_undo_views(DefinitionBuilder& builder) {
  UndoViews views(builder);
  for (const TaskReference& reference : builder.references) views.add(reference);
  for (const PlaceReference& reference : builder.place_references) views.add(reference);
}

}  // namespace harmonia::workflow
