#pragma once

#include <span>
#include <string_view>

namespace harmonia::store::sqlite {

// One file of migrations/, embedded at build time. Released ones are never edited.
struct Migration {
  int version = 0;  // 1, 2, 3 ...; PRAGMA user_version after it
  std::string_view name;
  std::string_view sql;
};

std::span<const Migration> migrations();

}  // namespace harmonia::store::sqlite
