#include "workflow/uri.h"

#include <cctype>
#include <optional>
#include <vector>

namespace harmonia::workflow {
namespace {

struct UriParts {
  std::string_view scheme;  // with ':'
  std::optional<std::string_view> authority;
  std::string_view path;
  std::string_view query;  // with '?'
};

UriParts split(std::string_view uri) {
  UriParts parts;
  std::size_t colon = uri.find_first_of(":/?");
  if (colon != std::string_view::npos && colon > 0 && uri[colon] == ':') {
    parts.scheme = uri.substr(0, colon + 1);
    uri.remove_prefix(colon + 1);
  }
  std::size_t query = uri.find('?');
  if (query != std::string_view::npos) {
    parts.query = uri.substr(query);
    uri = uri.substr(0, query);
  }
  if (uri.starts_with("//")) {
    std::size_t end = uri.find('/', 2);
    parts.authority = uri.substr(2, end == std::string_view::npos ? end : end - 2);
    uri = end == std::string_view::npos ? std::string_view{} : uri.substr(end);
  }
  parts.path = uri;
  return parts;
}

std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool absolute = path.starts_with('/');
  bool ends_in_folder = false;
  std::size_t at = absolute ? 1 : 0;
  while (at <= path.size()) {
    std::size_t end = path.find('/', at);
    if (end == std::string_view::npos) end = path.size();
    std::string_view segment = path.substr(at, end - at);
    ends_in_folder = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!ends_in_folder) kept.push_back(segment);
    at = end + 1;
  }
  std::string result = absolute ? "/" : "";
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) result += '/';
    result += kept[i];
  }
  if (ends_in_folder && !kept.empty()) result += '/';
  return result;
}

std::string merge_paths(const UriParts& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string(path);
  std::size_t slash = base.path.rfind('/');
  std::string merged(slash == std::string_view::npos ? "" : base.path.substr(0, slash + 1));
  return merged.append(path);
}

std::string join(const UriParts& authority_of, std::string_view path, std::string_view query) {
  std::string uri(authority_of.scheme);
  if (authority_of.authority) uri.append("//").append(*authority_of.authority);
  return uri.append(path).append(query);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  int lower = std::tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool escaped = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                   hex_digit(text[i + 2]) >= 0;
    if (!escaped) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return decoded;
}

}  // namespace

UriReference split_fragment(std::string_view reference) {
  std::size_t hash = reference.find('#');
  if (hash == std::string_view::npos) return {.uri = std::string(reference), .fragment = {}};
  return {.uri = std::string(reference.substr(0, hash)),
          .fragment = percent_decode(reference.substr(hash + 1)),
          .has_fragment = true};
}

std::string resolve_uri(std::string_view base, std::string_view reference) {
  if (reference.empty()) return std::string(base);
  UriParts target = split(reference);
  if (!target.scheme.empty()) return std::string(reference);
  UriParts parts = split(base);
  if (target.authority) return std::string(parts.scheme) + std::string(reference);
  if (target.path.empty()) {
    return join(parts, parts.path, target.query.empty() ? parts.query : target.query);
  }
  bool hierarchical = parts.authority || parts.path.starts_with('/') || parts.scheme.empty();
  if (!hierarchical) return std::string(reference);
  std::string path(target.path);
  if (!target.path.starts_with('/')) path = merge_paths(parts, target.path);
  return join(parts, remove_dot_segments(path), target.query);
}

}  // namespace harmonia::workflow
