#include "workflow/uri.h"

#include <gtest/gtest.h>

namespace harmonia::workflow {
namespace {

// The examples of RFC 3986, section 5.4.
TEST(Uri, references_resolve_as_the_rfc_says) {
  const char* base = "http://a/b/c/d;p?q";
  std::pair<const char*, const char*> cases[] = {
      {"g:h", "g:h"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
  };
  for (const auto& [reference, resolved] : cases)
    EXPECT_EQ(resolve_uri(base, reference), resolved) << reference;
}

TEST(Uri, a_urn_gives_way_to_a_reference) {
  EXPECT_EQ(resolve_uri("urn:uuid:1", "urn:uuid:2"), "urn:uuid:2");
  EXPECT_EQ(resolve_uri("urn:uuid:1", ""), "urn:uuid:1");
}

TEST(Uri, fragments_are_cut_off_and_decoded) {
  auto parts = split_fragment("http://a/b#/x%25y");
  EXPECT_EQ(parts.uri, "http://a/b");
  EXPECT_EQ(parts.fragment, "/x%y");
  EXPECT_FALSE(split_fragment("http://a/b").has_fragment);
}

}  // namespace
}  // namespace harmonia::workflow
