#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace harmonia::workflow {

// Further schema documents a $ref may lead to, by their absolute URI without fragment.
using SchemaDocuments = std::map<std::string, Json, std::less<>>;

// JSON Schema 2020-12 (and draft 7 where `$schema` says so), compiled once to a graph of nodes.
// Patterns are RE2's; one that RE2 refuses is a schema error. `format` is an annotation. `$ref`
// resolves within the document, to the meta-schemas and to the documents given; nothing is ever
// fetched.
class JsonSchema {
 public:
  // On failure the error has code `schema` and all that is wrong with the schema itself as
  // problems, whose pointers are into the schema.
  static Result<JsonSchema> compile(const Json& schema);
  static Result<JsonSchema> compile(const Json& schema, const SchemaDocuments& documents);

  // Everything wrong with `instance`, at most `problems_max`; empty: valid. Pointers are into the
  // instance, hints name the schema's keyword by pointer. Bounded: an instance that would need too
  // many steps or too deep a recursion is refused with a problem that says so. Safe from several
  // threads at once.
  std::vector<Problem> validate(const Json& instance, std::size_t problems_max = 50) const;
  const Json& source() const;

  struct Compiled;

 private:
  explicit JsonSchema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled>
      compiled_;  // shared: a definition is copied, its schema's graph is not
};

}  // namespace harmonia::workflow
