#pragma once

#include <string>

#include "base/result.h"

namespace harmonia::net {

// The parts of an absolute http or https URL, as libcurl reads it.
struct UrlParts {
  std::string scheme;
  std::string host;  // IPv6 addresses in brackets
  std::string port;  // also when it is the scheme's default
  std::string path;

  // "127.0.0.1:8007"
  std::string endpoint() const { return host + ":" + port; }
  // For messages: without user, password, query and fragment, which may hold secrets.
  std::string shown() const;
  bool same_origin(const UrlParts& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// `invalid_argument` for what is malformed or of another scheme.
Result<UrlParts> parse_url(const std::string& url);

}  // namespace harmonia::net
