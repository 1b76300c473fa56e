#include "api/route.h"

#include <algorithm>

#include "base/assert.h"

namespace harmonia::api {
namespace {

constexpr std::size_t segments_max = 16;  // no pattern is longer

// "/a/b" -> {"a", "b"}; nothing when there are more than any pattern has.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty() && segments.size() <= segments_max) {
    path.remove_prefix(1);
    std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  }
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool fits(std::span<const std::string_view> pattern, std::span<const std::string_view> path) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (is_parameter(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
  }
  return true;
}

// False when an escape is broken.
bool read_parameters(std::span<const std::string_view> pattern,
                     std::span<const std::string_view> path, PathParameters& out) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!is_parameter(pattern[i])) continue;
    auto value = net::percent_decode(path[i], false);
    if (!value) return false;
    out.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), std::move(*value));
  }
  return true;
}

std::size_t count_parameters(std::span<const std::string_view> pattern) {
  std::size_t count = 0;
  for (std::string_view segment : pattern) count += is_parameter(segment) ? 1 : 0;
  return count;
}

}  // namespace

const std::string& Call::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  ASSERT(false);
}

std::string_view path_of_target(std::string_view target) {
  return target.substr(0, target.find_first_of("?#"));
}

Router::Router(std::span<const Route> routes) {
  for (const Route& route : routes) {
    auto same = [&route](const Entry& entry) {
      return entry.routes.front()->pattern == route.pattern;
    };
    auto found = std::find_if(entries_.begin(), entries_.end(), same);
    if (found == entries_.end()) {
      entries_.push_back({.segments = split(route.pattern), .routes = {&route}});
    } else {
      found->routes.push_back(&route);
    }
  }
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return count_parameters(a.segments) < count_parameters(b.segments);
  });
}

Router::Match Router::match(std::string_view path) const {
  Match match;
  if (path.empty() || path.front() != '/') return match;
  auto segments = split(path);
  if (segments.size() > 2 && segments[0] == "api" && segments[1] == "v1") {
    segments.erase(segments.begin() + 1);
  }
  for (const Entry& entry : entries_) {
    if (!fits(entry.segments, segments)) continue;
    match.routes = entry.routes;
    match.malformed = !read_parameters(entry.segments, segments, match.parameters);
    break;
  }
  return match;
}

}  // namespace harmonia::api
