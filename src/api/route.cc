#include "api/route.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"

namespace harmonia::api {
namespace {

constexpr std::size_t segments_max = 64;  // no pattern is longer, nor the path of a task in it

// The parameter that takes the path of a task, whose slashes may be escaped or not.
constexpr std::string_view rest_parameter = "{path}";

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

using Segments = std::span<const std::string_view>;

// The segments of the path that stand for each one of the pattern; nothing when they can't.
std::optional<std::vector<Segments>> align(Segments pattern, Segments path) {
  bool has_rest = std::find(pattern.begin(), pattern.end(), rest_parameter) != pattern.end();
  if (has_rest ? path.size() < pattern.size() : path.size() != pattern.size()) return std::nullopt;
  std::vector<Segments> parts;
  std::size_t at = 0;
  for (std::string_view segment : pattern) {
    std::size_t size = segment == rest_parameter ? 1 + path.size() - pattern.size() : 1;
    parts.push_back(path.subspan(at, size));
    at += size;
  }
  return parts;
}

bool fits(Segments pattern, Segments path) {
  auto parts = align(pattern, path);
  if (!parts) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    for (std::string_view segment : (*parts)[i]) {
      if (is_parameter(pattern[i]) ? segment.empty() : segment != pattern[i]) return false;
    }
  }
  return true;
}

// False when an escape is broken. The path must fit.
bool read_parameters(Segments pattern, Segments path, PathParameters& out) {
  auto parts = align(pattern, path);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!is_parameter(pattern[i])) continue;
    std::string value;
    for (std::string_view segment : (*parts)[i]) {
      auto decoded = net::percent_decode(segment, false);
      if (!decoded) return false;
      if (!value.empty()) value += '/';
      value += *decoded;
    }
    out.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), std::move(value));
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
    std::size_t parameters_of_a = count_parameters(a.segments);
    std::size_t parameters_of_b = count_parameters(b.segments);
    if (parameters_of_a != parameters_of_b) return parameters_of_a < parameters_of_b;
    return a.segments.size() > b.segments.size();
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
