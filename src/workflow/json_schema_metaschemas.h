#pragma once

#include <string_view>

namespace harmonia::workflow::schema {

// The text of a published meta-schema (draft 2020-12 with its vocabularies, draft 7) by its URI
// without fragment; empty when it is none of them.
std::string_view find_metaschema(std::string_view uri);

}  // namespace harmonia::workflow::schema
