#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "expr/types.h"
#include "workflow/json_schema.h"

namespace harmonia::workflow {

// What is known of an action of a component; a schema that is null is not known.
struct ActionSchemas {
  std::string name;         // "*": whatever is not listed
  bool is_default = false;  // what a task gets that names none; an only action always is
  Json input = nullptr;
  Json output = nullptr;
};

// What the components of a server take and give, for the checks of definitions. Filled once by who
// knows the runners; safe to read from several threads then.
class ActionTypes {
 public:
  struct Action {
    std::string name;
    bool is_default = false;
    std::optional<JsonSchema> input;
    expr::Type input_type;
    // The schemas of single members of the input, of those that can stand alone.
    std::map<std::string, JsonSchema, std::less<>> members;
    expr::Type output_type;
  };
  struct Component {
    bool takes_secrets = true;  // false: ${secret.NAME} stays text in its inputs
    std::vector<Action> actions;

    // Null when it has no such action.
    const Action* find(std::string_view action) const;
  };

  // The component must be new, its schemas well-formed.
  void add(std::string component, bool takes_secrets, const std::vector<ActionSchemas>& actions);
  // Null when nothing is known of it.
  const Component* find(std::string_view component) const;

 private:
  std::map<std::string, Component, std::less<>> components_;
};

}  // namespace harmonia::workflow
