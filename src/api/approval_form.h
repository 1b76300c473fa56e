#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "net/http.h"

// The form of an approval (a JSON Schema) as fields of an HTML form, and back.
namespace harmonia::api {

// Text as a part of HTML, in elements and in quoted attributes.
std::string escape_html(std::string_view text);

// A field for each property of an object's schema; one for the whole value where the schema is no
// object's. Properties of simple types and enumerations have controls of their own, others take
// JSON.
std::string form_fields(const Json& schema);

// What was sent, typed as the schema says; empty fields are left out. What does not fit stays text,
// so that the check against the schema says so. The error names a field that is not JSON.
Result<Json> read_form_fields(const Json& schema, const net::Query& sent);

}  // namespace harmonia::api
