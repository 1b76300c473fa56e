#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "expr/types.h"

// What a JSON Schema says about a value, in the terms of the expressions' types.
namespace harmonia::workflow {

// A type that holds for every value that is valid against the schema. Keywords that a type can't
// express (bounds, patterns, if) are passed over, so it may admit more. `schema` is well-formed.
expr::Type type_of_schema(const Json& schema);

// A part of a value that can't be valid, whatever its expressions give.
struct Misfit {
  std::string pointer;  // into the source
  bool at_key = false;  // about the name of the member
  std::string message;
  std::string hint = {};
};

// Holds a template's JSON and the type of what it renders to against the type of a schema. Says
// nothing about what could fit.
std::vector<Misfit> find_misfits(const Json& source, const expr::Type& type,
                                 const expr::Type& wanted);

}  // namespace harmonia::workflow
