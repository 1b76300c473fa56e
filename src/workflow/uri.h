#pragma once

#include <string>
#include <string_view>

namespace harmonia::workflow {

// A URI reference (RFC 3986) cut at its fragment.
struct UriReference {
  std::string uri;       // without fragment
  std::string fragment;  // percent-decoded, without '#'
  bool has_fragment = false;
};

UriReference split_fragment(std::string_view reference);

// `reference` (without fragment) resolved against `base`, RFC 3986 section 5.2. A base that is not
// hierarchical (urn:...) gives way to any reference that is not empty.
std::string resolve_uri(std::string_view base, std::string_view reference);

}  // namespace harmonia::workflow
