#pragma once

#include <string_view>

// The texts of --help that teach: examples, what to do next, variables, exit codes.
namespace harmonia::cli::help {

extern const std::string_view version;
extern const std::string_view about;
extern const std::string_view root;
extern const std::string_view serve;
extern const std::string_view run;
extern const std::string_view validate;
extern const std::string_view test;
extern const std::string_view export_;
extern const std::string_view expr;
extern const std::string_view schema;
extern const std::string_view verify;
extern const std::string_view workflow;
extern const std::string_view execution;
extern const std::string_view waiting;

}  // namespace harmonia::cli::help
