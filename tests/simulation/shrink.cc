#include "tests/simulation/shrink.h"

#include "tests/simulation/hostility.h"
#include "workflow/parse.h"

namespace harmonia::simulation {
namespace {

class Shrinker {
 public:
  Shrinker(Scenario scenario, std::string law, std::chrono::seconds time)
      : best_(std::move(scenario)),
        law_(std::move(law)),
        end_(std::chrono::steady_clock::now() + time) {}

  Scenario run() {
    simplify_engine();
    // What goes first makes room for what follows.
    for (std::size_t before = weight() + 1; weight() < before && has_time();) {
      before = weight();
      remove_steps();
      remove_parts();
    }
    return std::move(best_);
  }

 private:
  bool has_time() const { return std::chrono::steady_clock::now() < end_; }

  std::size_t weight() const {
    std::size_t weight = best_.steps.size();
    for (const Json& text : best_.texts) weight += to_text(text).size();
    return weight;
  }

  bool try_instead(Scenario candidate) {
    if (!has_time()) return false;
    Coverage ignored;
    Outcome outcome = run_world(candidate, {}, ignored);
    if (!outcome.broken || outcome.broken->law != law_) return false;
    candidate.steps.resize(std::min(candidate.steps.size(), outcome.broken_at));
    best_ = std::move(candidate);
    return true;
  }

  template <class Change>
  bool try_change(Change change) {
    Scenario candidate = best_;
    change(candidate);
    return try_instead(std::move(candidate));
  }

  void simplify_engine() {
    const Hostility plain;
    try_change([](Scenario& one) { one.hostility.on_sqlite = false; });
    try_change([](Scenario& one) { one.hostility.shards = 1; });
    try_change([&](Scenario& one) { one.hostility.batch_max = plain.batch_max; });
    try_change([&](Scenario& one) { one.hostility.mailbox_max = plain.mailbox_max; });
    try_change([&](Scenario& one) { one.hostility.live_runs_max = plain.live_runs_max; });
    try_change([&](Scenario& one) { one.hostility.snapshot_events = plain.snapshot_events; });
    try_change([&](Scenario& one) { one.hostility.timer_horizon = plain.timer_horizon; });
  }

  // Delta debugging: halves, quarters, eighths ... down to single steps.
  void remove_steps() {
    for (std::size_t size = best_.steps.size(); size > 0; size /= 2) {
      for (std::size_t begin = 0; begin < best_.steps.size() && has_time();) {
        bool removed = try_change([&](Scenario& one) {
          auto first = one.steps.begin() + static_cast<std::ptrdiff_t>(begin);
          std::size_t count = std::min(size, one.steps.size() - begin);
          one.steps.erase(first, first + static_cast<std::ptrdiff_t>(count));
        });
        if (!removed) begin += size;
      }
    }
  }

  // Members and items of the definitions, the outer ones first.
  void remove_parts() {
    for (std::size_t text = 0; text < best_.texts.size(); ++text) remove_within(text, "");
  }

  bool try_without(std::size_t text, const std::string& pointer) {
    Scenario candidate = best_;
    Json& definition = candidate.texts[text];
    std::size_t slash = pointer.rfind('/');
    auto tokens = split_pointer(pointer);
    const Json* parent = find_pointer(definition, pointer.substr(0, slash));
    bool is_there = tokens && parent != nullptr && find_pointer(definition, pointer) != nullptr;
    if (!is_there || pointer == "/tasks" || pointer == "/name") return false;
    Json& holder = const_cast<Json&>(*parent);
    if (holder.is_object()) {
      holder.get_object().erase(json_view(tokens->back()));
    } else {
      holder.get_array().erase(holder.get_array().begin() +
                               static_cast<std::ptrdiff_t>(*pointer_index(tokens->back())));
    }
    return workflow::parse_definition(definition).ok() && try_instead(std::move(candidate));
  }

  void remove_within(std::size_t text, const std::string& pointer) {
    const Json* value = find_pointer(best_.texts[text], pointer);
    if (value == nullptr || !has_time()) return;
    std::vector<std::string> inner;
    if (value->is_object()) {
      for (const auto& [name, _] : value->get_object())
        inner.push_back(pointer + "/" + escape_pointer_token(text_view(name)));
    }
    if (value->is_array()) {
      for (std::size_t i = 0; i < value->get_array().size(); ++i)
        inner.push_back(pointer + "/" + std::to_string(i));
    }
    // From the end: later tasks depend on earlier ones.
    for (auto one = inner.rbegin(); one != inner.rend(); ++one) {
      if (!try_without(text, *one)) remove_within(text, *one);
    }
  }

  Scenario best_;
  const std::string law_;
  const std::chrono::steady_clock::time_point end_;
};

}  // namespace

Scenario shrink(Scenario scenario, const std::string& law, std::chrono::seconds time) {
  return Shrinker(std::move(scenario), law, time).run();
}

}  // namespace harmonia::simulation
