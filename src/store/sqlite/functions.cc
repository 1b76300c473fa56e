#include "store/sqlite/functions.h"

#include <cstring>
#include <sqlite3.h>

#include "store/rules.h"

namespace harmonia::store::sqlite {
namespace {

std::string_view text_of(sqlite3_value* value) {
  const void* bytes = sqlite3_value_blob(value);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void uuid_text(sqlite3_context* context, int, sqlite3_value** arguments) {
  Uuid uuid;
  std::string_view bytes = text_of(arguments[0]);
  if (bytes.size() != uuid.bytes.size()) return sqlite3_result_null(context);
  std::memcpy(uuid.bytes.data(), bytes.data(), bytes.size());
  std::string text = to_string(uuid);
  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

void contains(sqlite3_context* context, int, sqlite3_value** arguments) {
  sqlite3_result_int(context, contains_text(text_of(arguments[0]), text_of(arguments[1])) ? 1 : 0);
}

}  // namespace

void register_functions(sqlite3* handle) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  sqlite3_create_function(handle, "uuid_text", 1, flags, nullptr, uuid_text, nullptr, nullptr);
  sqlite3_create_function(handle, "contains_text", 2, flags, nullptr, contains, nullptr, nullptr);
}

}  // namespace harmonia::store::sqlite
