#pragma once

#include <span>
#include <string_view>

#include "workflow/field_reader.h"

namespace harmonia::workflow {

struct KnownFields {
  std::span<const std::string_view> now;
  std::span<const std::string_view> later;  // of later versions of the language
};

// A finding for each member of `object` that is not known, with the nearest known name.
void refuse_unknown_fields(const JsonObject& object, FieldReader& reader, const KnownFields& known);

}  // namespace harmonia::workflow
