#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/json_schema_index.h"

namespace harmonia::workflow::schema {

// Gives nodes for schemas that rules refer to.
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  virtual NodeNumber number_of(const Json& schema) = 0;
  virtual std::optional<SchemaIndex::Target> resolve(ResourceNumber from,
                                                     std::string_view reference) = 0;
};

// One schema object on its way to rules. `resource` and `location` are copies or stable for the
// call only.
struct RuleContext {
  const JsonObject& schema;
  std::string location;
  Resource resource;
  ResourceNumber number;
  NodeSource& nodes;
  std::vector<Problem>& problems;  // of the schema; added to
};

// The rules of all keywords of a schema object, unevaluated... last. Unknown keywords are
// annotations.
std::vector<Keyword> compile_keywords(RuleContext& context);

// The keywords that assert something about one value, without sub-schemas; used by
// compile_keywords.
void compile_assertions(RuleContext& context, std::vector<Keyword>& out);

// Shared by the two.
void add_problem(RuleContext& context, std::string_view keyword, std::string_view message,
                 std::string_view hint = {});
// The list of distinct strings under `keyword`; a problem when it is something else.
std::vector<std::string> read_names(RuleContext& context, std::string_view keyword,
                                    const Json& value);
// A whole number >= 0, also when written 2.0; a problem when it is something else.
std::optional<std::uint64_t> read_count(RuleContext& context, std::string_view keyword);
// Not inline: g++ 12 reports false bounds errors where it folds `+` of constants.
std::string concat(std::string_view a, std::string_view b, std::string_view c = {});
inline const Json* member(const RuleContext& context, std::string_view name) {
  return context.schema.if_contains(json_view(name));
}

}  // namespace harmonia::workflow::schema
