#include "server/settings.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "server/spelling.h"

namespace harmonia::server {
namespace {

// A folder that is gone after the test.
class Folder {
 public:
  Folder() {
    char pattern[] = "/tmp/harmonia-settings-XXXXXX";
    path_ = ::mkdtemp(pattern);
  }
  ~Folder() {
    std::remove((path_ + "/harmonia.yaml").c_str());
    ::rmdir(path_.c_str());
  }
  std::string write(const std::string& text) {
    std::string file = path_ + "/harmonia.yaml";
    std::ofstream(file) << text;
    return file;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string error_of(const SettingSources& sources) {
  auto settings = load_settings(sources);
  return settings ? "no error" : settings.error().detail;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Settings, have_the_defaults_the_table_tells) {
  auto settings = load_settings({.flags = {}, .environment = {{"HOME", "/home/ada"}}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->port, 8007);
  EXPECT_EQ(settings->host, "127.0.0.1");
  EXPECT_EQ(settings->data_dir, "/home/ada/.local/share/harmonia");
  for (const SettingInfo& info : setting_table()) {
    if (info.default_text.empty() || info.name == "data_dir") continue;
    Settings defaults;
    EXPECT_TRUE(info.parse(info.default_text, defaults)) << info.name;
  }
}

TEST(Settings, a_flag_wins_over_a_variable_and_that_over_the_file) {
  Folder folder;
  std::string file = folder.write("port: 1\nhost: 127.0.0.3\nshards: 7\n");
  SettingSources sources{
      .flags = {{"port", "3"}, {"data_dir", folder.path()}},
      .environment = {{"HARMONIA_PORT", "2"}, {"HARMONIA_HOST", "127.0.0.2"}},
  };
  auto settings = load_settings(sources);
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ(settings->port, 3);
  EXPECT_EQ(settings->host, "127.0.0.2");
  EXPECT_EQ(settings->shards, 7u);
  EXPECT_EQ(settings->config_file, file);
}

TEST(Settings, a_bad_value_is_told_with_its_source_and_what_is_allowed) {
  std::string error = error_of({.flags = {{"io_threads", "many"}},
                                .environment = {{"HOME", "/x"}, {"HARMONIA_PORT", "70000"}}});
  EXPECT_TRUE(contains(error, "environment variable HARMONIA_PORT: \"70000\"")) << error;
  EXPECT_TRUE(contains(error, "a number from 0 to 65535")) << error;
  EXPECT_TRUE(contains(error, "--io-threads: \"many\"")) << error;
}

TEST(Settings, an_unknown_key_of_a_file_is_told_with_its_line_and_the_nearest_name) {
  Folder folder;
  std::string file = folder.write("# comment\nport: 1\nprot: 2\nshards: {a: 1}\n");
  std::string error = error_of({.flags = {{"data_dir", folder.path()}}});
  EXPECT_TRUE(contains(error, file + ":3: unknown setting \"prot\", did you mean port?")) << error;
  EXPECT_TRUE(contains(error, file + ":4: shards must be a number")) << error;
}

TEST(Settings, a_file_may_be_json) {
  Folder folder;
  folder.write("{\n  \"port\": 9,\n  \"env_allow\": [\"A\", \"B\"],\n  \"insecure\": true\n}\n");
  auto settings = load_settings({.flags = {{"data_dir", folder.path()}}});
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ(settings->port, 9);
  EXPECT_EQ(settings->env_allow, (std::vector<std::string>{"A", "B"}));
  EXPECT_TRUE(settings->insecure);
}

TEST(Settings, a_named_file_that_is_missing_or_malformed_is_an_error) {
  EXPECT_TRUE(contains(error_of({.config_file = "/no/such.yaml"}), "/no/such.yaml"));
  Folder folder;
  std::string file = folder.write("port: [1\n");
  EXPECT_TRUE(contains(error_of({.config_file = file}), file));
  file = folder.write("just text\n");
  EXPECT_TRUE(contains(error_of({.config_file = file}), "name: value"));
}

TEST(Settings, the_data_folder_follows_the_environment) {
  Environment environment{{"HOME", "/h"}};
  EXPECT_EQ(default_data_dir(environment), "/h/.local/share/harmonia");
  environment["XDG_DATA_HOME"] = "/xdg";
  EXPECT_EQ(default_data_dir(environment), "/xdg/harmonia");
  environment["TEKTON_DATA_DIR"] = "/tekton";
  EXPECT_EQ(default_data_dir(environment), "/tekton/harmonia");
  environment["HARMONIA_DATA_DIR"] = "/own";
  EXPECT_EQ(default_data_dir(environment), "/own");
  EXPECT_TRUE(contains(error_of({}), "no data folder"));
}

TEST(Settings, log_level_is_taken_from_tektons_variable_too) {
  auto settings = load_settings({.environment = {{"HOME", "/h"}, {"LOG_LEVEL", "WARNING"}}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->log_level, log::Level::warning);
}

TEST(Settings, sizes_have_units) {
  SettingSources sources{.flags = {{"body_size_max", "2M"}}, .environment = {{"HOME", "/h"}}};
  EXPECT_EQ(load_settings(sources)->body_size_max, 2u << 20);
  for (const char* bad : {"0", "2T", "-1", "M", "", "9999G"}) {
    sources.flags["body_size_max"] = bad;
    EXPECT_FALSE(load_settings(sources).ok()) << bad;
  }
}

TEST(Settings, an_address_that_others_reach_needs_insecure) {
  Settings settings;
  EXPECT_TRUE(check_exposure(settings).ok());
  settings.host = "0.0.0.0";
  EXPECT_FALSE(check_exposure(settings).ok());
  settings.insecure = true;
  EXPECT_TRUE(check_exposure(settings).ok());
}

TEST(Environment, secrets_and_allowed_variables_are_picked_by_name) {
  Environment environment{{"HARMONIA_SECRET_TOKEN", "t"},
                          {"HARMONIA_SECRET_", "x"},
                          {"HARMONIA_SECRETS", "y"},
                          {"LANG", "C"}};
  JsonObject secrets = secrets_of(environment);
  EXPECT_EQ(to_text(secrets), R"({"TOKEN":"t"})");
  EXPECT_EQ(to_text(allowed_variables(environment, {"LANG", "ABSENT"})), R"({"LANG":"C"})");
}

TEST(Spelling, the_nearest_word_is_near) {
  std::vector<std::string> words{"validate", "verify", "version", "run", "serve"};
  EXPECT_EQ(nearest_word("valdate", words), "validate");
  EXPECT_EQ(nearest_word("verif", words), "verify");
  EXPECT_EQ(nearest_word("rnu", words), "run");
  EXPECT_EQ(nearest_word("ru", words), "run");
  EXPECT_EQ(nearest_word("banana", words), "");
}

}  // namespace
}  // namespace harmonia::server
