#include <charconv>
#include <optional>

#include "server/settings.h"

namespace harmonia::server {
namespace {

template <class Number>
bool parse_number(std::string_view text, Number low, Number high, Number& out) {
  Number number{};
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return false;
  if (number < low || number > high) return false;
  out = number;
  return true;
}

bool parse_toggle(std::string_view text, bool& out) {
  if (text == "true" || text == "1" || text == "yes" || text == "on") {
    out = true;
  } else if (text == "false" || text == "0" || text == "no" || text == "off") {
    out = false;
  } else {
    return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool parse_list(std::string_view text, std::vector<std::string>& out) {
  out.clear();
  while (!text.empty()) {
    std::size_t comma = text.find(',');
    std::string_view item = trim(text.substr(0, comma));
    if (!item.empty()) out.emplace_back(item);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return true;
}

bool parse_text(std::string_view text, std::string& out) {
  out = text;
  return !text.empty();
}

bool parse_url(std::string_view text, std::string& out) {
  while (text.ends_with('/')) text.remove_suffix(1);
  std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  out = text;
  return scheme > 0 && text.size() > scheme && text.find_first_of(" ?#") == text.npos;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

bool parse_log_level(std::string_view text, log::Level& out) {
  if (is_one_of(text, {"debug", "DEBUG"})) {
    out = log::Level::debug;
  } else if (is_one_of(text, {"info", "INFO"})) {
    out = log::Level::info;
  } else if (is_one_of(text, {"warning", "WARNING", "warn", "WARN"})) {
    out = log::Level::warning;
  } else if (is_one_of(text, {"error", "ERROR", "CRITICAL", "critical"})) {
    out = log::Level::error;
  } else {
    return false;
  }
  return true;
}

bool parse_log_format(std::string_view text, log::Format& out) {
  if (text == "text") {
    out = log::Format::text;
  } else if (text == "json") {
    out = log::Format::json;
  } else {
    return false;
  }
  return true;
}

bool parse_seconds(std::string_view text, std::chrono::milliseconds& out) {
  double seconds = 0;
  if (!parse_number(text, 0.0, 3600.0, seconds)) return false;
  out = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  return true;
}

// Bytes; 64k, 16M and 1G are powers of 1024.
bool parse_size(std::string_view text, std::size_t& out) {
  std::size_t unit = 1;
  if (!text.empty()) {
    switch (text.back()) {
      case 'k':
      case 'K': unit = 1u << 10; break;
      case 'm':
      case 'M': unit = 1u << 20; break;
      case 'g':
      case 'G': unit = 1u << 30; break;
    }
  }
  if (unit > 1) text.remove_suffix(1);
  std::size_t count = 0;
  constexpr std::size_t size_max = std::size_t{1} << 30;
  if (!parse_number<std::size_t>(text, 1, size_max, count) || count > size_max / unit) return false;
  if (count * unit < 1024) return false;
  out = count * unit;
  return true;
}

using Text = std::string_view;

constexpr SettingInfo settings_declared[] = {
    {"port", "HARMONIA_PORT", "", "8007", "a number from 0 to 65535 (0: any free port)",
     "port for everything: REST, WebSocket, event streams", SettingKind::value,
     [](Text text, Settings& s) { return parse_number<std::uint16_t>(text, 0, 65535, s.port); }},
    {"host", "HARMONIA_HOST", "", "127.0.0.1", "an IP address or host name of this machine",
     "address to listen on; one that other machines reach needs --insecure", SettingKind::value,
     [](Text text, Settings& s) { return parse_text(text, s.host); }},
    {"public_url", "HARMONIA_PUBLIC_URL", "", "", "an address such as https://flows.example.org",
     "address under which others reach the server, for the links of approvals and callbacks "
     "(default: host and port)",
     SettingKind::value, [](Text text, Settings& s) { return parse_url(text, s.public_url); }},
    {"data_dir", "HARMONIA_DATA_DIR", "", "~/.local/share/harmonia", "a folder",
     "folder of the database; TEKTON_DATA_DIR/harmonia when that is set", SettingKind::value,
     [](Text text, Settings& s) { return parse_text(text, s.data_dir); }},
    {"log_level", "HARMONIA_LOG_LEVEL", "LOG_LEVEL", "info", "debug, info, warning or error",
     "the least important log lines to write", SettingKind::value,
     [](Text text, Settings& s) { return parse_log_level(text, s.log_level); }},
    {"log_format", "HARMONIA_LOG_FORMAT", "", "text", "text or json",
     "form of log lines on standard error", SettingKind::value,
     [](Text text, Settings& s) { return parse_log_format(text, s.log_format); }},
    {"io_threads", "HARMONIA_IO_THREADS", "", "2", "a number from 1 to 256",
     "threads that serve connections", SettingKind::value,
     [](Text text, Settings& s) { return parse_number(text, 1u, 256u, s.io_threads); }},
    {"shards", "HARMONIA_SHARDS", "", "2", "a number from 1 to 256", "threads that run executions",
     SettingKind::value,
     [](Text text, Settings& s) { return parse_number(text, 1u, 256u, s.shards); }},
    {"enable_scripts", "HARMONIA_ENABLE_SCRIPTS", "", "false", "true or false",
     "let definitions run commands on this machine (component `script`)", SettingKind::toggle,
     [](Text text, Settings& s) { return parse_toggle(text, s.enable_scripts); }},
    {"allow_private_addresses", "HARMONIA_ALLOW_PRIVATE_ADDRESSES", "", "false", "true or false",
     "let definitions call loopback and private network addresses", SettingKind::toggle,
     [](Text text, Settings& s) { return parse_toggle(text, s.allow_private_addresses); }},
    {"circuit_failures", "HARMONIA_CIRCUIT_FAILURES", "", "10", "a number from 0 to 1000000",
     "failed calls to a host in a minute that stop further ones for a while; 0: never",
     SettingKind::value,
     [](Text text, Settings& s) { return parse_number(text, 0, 1'000'000, s.circuit_failures); }},
    {"body_size_max", "HARMONIA_BODY_SIZE_MAX", "", "16M",
     "a size from 1k to 1G such as 500k or 16M", "largest request body", SettingKind::value,
     [](Text text, Settings& s) { return parse_size(text, s.body_size_max); }},
    {"allowed_origins", "HARMONIA_ALLOWED_ORIGINS", "", "", "origins separated by commas",
     "web origins whose pages may call the API", SettingKind::list,
     [](Text text, Settings& s) { return parse_list(text, s.allowed_origins); }},
    {"env_allow", "HARMONIA_ENV_ALLOW", "", "", "names separated by commas",
     "environment variables that definitions may read as ${env.NAME}", SettingKind::list,
     [](Text text, Settings& s) { return parse_list(text, s.env_allow); }},
    {"insecure", "HARMONIA_INSECURE", "", "false", "true or false",
     "listen on an address other machines reach, without authentication", SettingKind::toggle,
     [](Text text, Settings& s) { return parse_toggle(text, s.insecure); }},
    {"shutdown_grace", "HARMONIA_SHUTDOWN_GRACE", "", "10", "seconds from 0 to 3600",
     "how long requests in progress may take when the server stops", SettingKind::value,
     [](Text text, Settings& s) { return parse_seconds(text, s.shutdown_grace); }},
};

}  // namespace

std::span<const SettingInfo> setting_table() { return settings_declared; }

}  // namespace harmonia::server
