#include "scenario/files.h"

#include <filesystem>
#include <fstream>

namespace harmonia::scenario {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_size_max = 16u << 20;

Error unreadable(const std::string& path, const std::string& why) {
  return make_error(error_code::not_found, "cannot read " + path + ": " + why);
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  std::error_code fault;
  if (!fs::exists(path, fault)) return unreadable(path, "there is no such file");
  if (!fs::is_regular_file(path, fault)) return unreadable(path, "it is no file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return unreadable(path, "permission denied");
  std::string text;
  for (char block[64 << 10]; in.read(block, sizeof block) || in.gcount() > 0;) {
    text.append(block, static_cast<std::size_t>(in.gcount()));
    if (text.size() > file_size_max) return unreadable(path, "it is larger than 16 MiB");
  }
  return text;
}

std::string beside(const std::string& file, const std::string& path) {
  return (fs::path(file).parent_path() / path).lexically_normal().string();
}

}  // namespace harmonia::scenario
