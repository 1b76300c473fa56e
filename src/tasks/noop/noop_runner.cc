#include "tasks/noop/noop_runner.h"

namespace harmonia::tasks {
namespace {

class NoopRunner final : public Runner {
 public:
  std::string_view component() const override { return "noop"; }
  std::vector<ActionInfo> actions() const override {
    return {{.name = std::string(any_action),
             .description = "Does nothing; the output is `output` of the input, or the input",
             .input_schema = JsonObject{{"type", "object"}}}};
  }
  bool takes_secrets() const override { return false; }

  void start(Work work, Finish finish) override {
    JsonObject& input = work.input.get_object();
    Json* output = input.if_contains("output");
    finish(Outcome::success(output != nullptr ? std::move(*output) : std::move(work.input)));
  }
  void cancel(const engine::AttemptKey&) override {}
};

}  // namespace

std::unique_ptr<Runner> make_noop_runner() { return std::make_unique<NoopRunner>(); }

}  // namespace harmonia::tasks
