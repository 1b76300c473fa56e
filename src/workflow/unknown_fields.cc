#include "workflow/unknown_fields.h"

#include "base/utf8.h"
#include "workflow/fields.h"

namespace harmonia::workflow {

void refuse_unknown_fields(const JsonObject& object, FieldReader& reader,
                           const KnownFields& known) {
  for (const auto& member : object) {
    std::string_view name = text_view(member.key());
    if (fields::contains(known.now, name)) continue;
    std::string message = "'";
    message.append(utf8_prefix(name, 80));
    if (fields::contains(known.later, name)) {
      reader.findings().error_at_key(reader.pointer_to(name),
                                     message + "' is not supported by this version yet");
      continue;
    }
    std::string hint;
    if (!reader.findings().full()) hint = did_you_mean(nearest_name(name, known.now));
    if (hint.empty()) {
      for (std::string_view one : known.now)
        hint.append(hint.empty() ? "known fields: " : ", ").append(one);
    }
    reader.findings().error_at_key(reader.pointer_to(name),
                                   message + "' is no field of the language here", std::move(hint));
  }
}

}  // namespace harmonia::workflow
