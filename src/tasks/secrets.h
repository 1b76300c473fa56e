#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "engine/ports.h"

// ${secret.NAME} in the inputs of tasks. Histories hold the reference; its value exists only
// between here and the runner.
namespace harmonia::tasks {

// The values one attempt was given, to be kept out of what is said about it.
class Redactor {
 public:
  void add(std::string_view name, std::string_view value);
  bool empty() const { return forms_.empty(); }
  // The text with each value (also percent-encoded, and as it stands in JSON) replaced by
  // `[secret NAME]`.
  std::string redact(std::string text) const;
  void redact(Error& error) const;
  // In all strings and names. Very short values are let be: they would be found everywhere.
  Json redact(Json value) const;

 private:
  struct Form {
    std::string text;
    std::string replacement;
    bool in_outputs = true;
  };
  std::string replace_forms(std::string text, bool is_output) const;

  std::vector<Form> forms_;  // longest first, so that no part of a value is left
};

struct ResolvedInput {
  Json input;
  Redactor redactor;
};

// Replaces the references in the strings of `input` that `uses` names by the values in `secrets`
// (text; other values as JSON). References elsewhere, for instance in what a caller sent, stay
// text. Values are not looked at again. A name that is not there is an error `secret_not_found`
// whose instance is the JSON pointer of the string.
Result<ResolvedInput> resolve_secrets(const Json& input, std::span<const engine::SecretUse> uses,
                                      const JsonObject& secrets);

inline constexpr std::string_view secret_not_found = "secret_not_found";

}  // namespace harmonia::tasks
