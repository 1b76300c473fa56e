#pragma once

#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "execution/draft.h"
#include "expr/expr.h"

namespace harmonia::execution {

// What the expressions of one scope see. Borrows the state; lives for one evaluation. Members of
// `tasks` are looked up on demand, so its cost does not grow with the number of tasks.
class ScopeActivation final : public expr::Activation {
 public:
  ScopeActivation(const Draft& draft, ScopeId scope)
      : ScopeActivation(draft.definition(), draft.state(), scope) {}
  ScopeActivation(const workflow::Definition& definition, const State& state, ScopeId scope)
      : definition_(definition), state_(state), scope_(scope), tasks_(*this) {}

  // The root `result`, for a task's `output` mapping.
  void set_result(const Json& result) { result_ = &result; }
  // The root `event`, for the filter of an event.
  void set_event(const Json& event) { event_ = &event; }
  // The roots `error` and `as`, for the condition of a catch clause.
  void set_error(const Error& error, std::string_view as) {
    error_ = &error;
    error_name_ = as;
  }
  // The task whose field is evaluated: `callback` is about it.
  void set_task(TaskRef task) { task_ = task; }
  // The root `loop` before an iteration of this task.
  void set_loop(TaskRef loop) { loop_ = loop; }

  std::optional<expr::LazyObject::Member> root(std::string_view name) const override;

  // What a compensation will see of this place: UndoRegistered::view. A null pointer: nothing.
  SharedJson view_for(const workflow::UndoView& wanted) const;

 private:
  // `tasks.ID`: output, status, error, attempt, started_at, ended_at; other names fall through to
  // the output.
  class TaskObject final : public expr::LazyObject {
   public:
    TaskObject(const TaskState& state) : state_(state) {}
    std::optional<Member> member(std::string_view name) const override;
    std::vector<std::string> names() const override;

   private:
    const TaskState& state_;
  };

  // The same, of a task as it was when what is undone now completed.
  class KeptTaskObject final : public expr::LazyObject {
   public:
    KeptTaskObject(const JsonObject& task) : task_(task) {}
    std::optional<Member> member(std::string_view name) const override;
    std::vector<std::string> names() const override;

   private:
    const JsonObject& task_;
  };

  class TasksObject final : public expr::LazyObject {
   public:
    TasksObject(const ScopeActivation& activation) : activation_(activation) {}
    std::optional<Member> member(std::string_view name) const override;
    std::vector<std::string> names() const override;

   private:
    const ScopeActivation& activation_;
    mutable std::list<TaskObject> objects_;  // handed out; addresses stay
    mutable std::list<KeptTaskObject> kept_;
  };

  std::optional<expr::LazyObject::Member> root_of_scope(const Scope& scope,
                                                        std::string_view name) const;
  std::optional<expr::LazyObject::Member> root_of_owner(const Scope& scope,
                                                        std::string_view name) const;
  std::optional<expr::LazyObject::Member> outer_root(std::string_view name) const;
  std::optional<expr::LazyObject::Member> callback() const;

  const workflow::Definition& definition_;
  const State& state_;
  ScopeId scope_;
  TasksObject tasks_;
  const Json* result_ = nullptr;
  const Json* event_ = nullptr;
  const Error* error_ = nullptr;
  std::string_view error_name_ = {};
  std::optional<TaskRef> task_ = {};
  std::optional<TaskRef> loop_ = {};
};

}  // namespace harmonia::execution
