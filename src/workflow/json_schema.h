#pragma once

#include <memory>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace harmonia::workflow {

// JSON Schema 2020-12 (and draft 7 where `$schema` says so), compiled once to a graph of nodes.
// Patterns are RE2's; one that RE2 refuses is a schema error. `format` is an annotation. `$ref`
// resolves within the document and to the meta-schemas only.
class JsonSchema {
 public:
  // Problems of the schema itself: pointers are into the schema.
  struct Compiled;
  static Result<JsonSchema> compile(const Json& schema);

  // Everything wrong with `instance`, at most `problems_max`; empty: valid. Pointers are into the
  // instance, hints name the schema's keyword by pointer.
  std::vector<Problem> validate(const Json& instance, std::size_t problems_max = 50) const;
  const Json& source() const;

 private:
  explicit JsonSchema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace harmonia::workflow
