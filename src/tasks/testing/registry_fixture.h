#pragma once

// For the tests of tasks/: a registry with a real HTTP client and a fake engine.

#include <memory>

#include <gtest/gtest.h>

#include "tasks/registry.h"
#include "tasks/testing/fake_engine.h"

namespace harmonia::tasks::testing {

class RegistryFixture : public ::testing::Test {
 protected:
  // Set `options` and `extra` first.
  void connect() {
    registry = std::make_unique<Registry>(options, *client);
    for (auto& runner : extra) registry->add(std::move(runner));
    registry->connect(engine);
  }
  void TearDown() override { registry.reset(); }

  engine::AttemptKey dispatch(engine::Assignment assigned) {
    if (!registry) connect();
    auto key = assigned.key;
    registry->dispatch(std::move(assigned));
    return key;
  }
  Reported run(std::string component, std::string action, std::string_view input) {
    return run(assignment(std::move(component), std::move(action), json(input)));
  }
  Reported run(engine::Assignment assigned) {
    std::string component = assigned.component;
    std::string action = assigned.action;
    Reported reported = engine.wait_for(dispatch(std::move(assigned)));
    if (reported.ok) expect_output_fits(component, action, reported.output);
    return reported;
  }
  // Definitions are checked against the schemas of outputs, so each output must fit its own.
  void expect_output_fits(std::string_view component, std::string_view action,
                          const Json& output) const {
    for (const auto& known : registry->components()) {
      for (const ActionInfo& info : known.actions) {
        bool meant = known.name == component && (info.name == action || action.empty());
        if (!meant || info.output_schema.is_null()) continue;
        auto schema = workflow::JsonSchema::compile(info.output_schema);
        ASSERT_TRUE(schema.ok());
        for (const Problem& problem : schema->validate(output)) ADD_FAILURE() << describe(problem);
      }
    }
  }

  RegistryOptions options;
  std::vector<std::unique_ptr<Runner>> extra;
  std::unique_ptr<net::HttpClient> client = net::HttpClient::create({});
  FakeEngine engine;
  std::unique_ptr<Registry> registry;
};

}  // namespace harmonia::tasks::testing
