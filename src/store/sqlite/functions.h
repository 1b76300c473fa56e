#pragma once

struct sqlite3;

namespace harmonia::store::sqlite {

// Adds to a connection, for the text filters of lists:
//   uuid_text(blob)            the canonical text of an id
//   contains_text(text, part)  1 when `part` stands in `text`, ASCII letters in both cases
void register_functions(sqlite3* handle);

}  // namespace harmonia::store::sqlite
