#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace harmonia::workflow {

// Where values of the canonical form stood in the author's document, as pointers. Only what moved
// is noted.
class PointerMap {
 public:
  void note(std::string canonical, std::string original) {
    if (canonical != original) moved_[std::move(canonical)] = std::move(original);
  }

  std::string original(std::string_view canonical) const {
    std::string_view prefix = canonical;
    while (!moved_.empty() && !prefix.empty()) {
      auto found = moved_.find(std::string(prefix));
      if (found != moved_.end())
        return found->second + std::string(canonical.substr(prefix.size()));
      prefix = prefix.substr(0, prefix.rfind('/'));
    }
    return std::string(canonical);
  }

 private:
  std::unordered_map<std::string, std::string> moved_;
};

}  // namespace harmonia::workflow
