#pragma once

#include <string>
#include <vector>

#include "workflow/parse.h"

namespace harmonia::workflow::examples {

struct CorpusFile {
  std::string name;
  std::string text;
};

// A file of tests/data; a test failure when there is none.
std::string read_file(const std::string& path);

// The files of a folder of tests/data, in the order of their names; never none.
std::vector<CorpusFile> read_corpus(const std::string& folder);

// The definitions of tests/data/definitions, which use every field of the language. A test failure,
// and none of it, for one that does not parse.
std::vector<SharedDefinition> corpus_definitions();

}  // namespace harmonia::workflow::examples
