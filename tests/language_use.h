#pragma once

#include <set>
#include <string>

#include "base/json.h"

// What the language of definitions has, and what definitions use of it, for tests that compare the
// two: as `owner.field` and as `field=choice`. The owner is the type of a task, `task` for what all
// types have, `workflow`, or the field that holds the object.
namespace harmonia {

class LanguageUse {
 public:
  void note_definition(const Json& definition) { note(definition, "workflow"); }
  const std::set<std::string, std::less<>>& names() const { return names_; }

 private:
  void note(const Json& value, const std::string& owner);
  void note_field(const std::string& field, const Json& value);
  void note_body(const Json& body);
  void note_task(const Json& task);

  std::set<std::string, std::less<>> names_;
};

// All that the schema of definitions has.
std::set<std::string, std::less<>> language_vocabulary();

}  // namespace harmonia
