#include "api/client_message.h"

#include "base/json.h"

namespace harmonia::api {
namespace {

constexpr std::size_t depth_max = 16;
constexpr std::uint16_t close_normal = 1000;
constexpr std::uint16_t close_invalid_payload = 1007;

}  // namespace

void answer_client_message(net::Outlet& outlet, std::string_view text, const std::string& subject,
                           Timestamp now) {
  auto message = parse_json(text, {.depth_max = depth_max});
  if (!message.ok() || !message->is_object()) {
    return outlet.close(close_invalid_payload, "messages must be JSON objects");
  }
  std::string type = get_string(message->get_object(), "type");
  if (type == "ping") {
    outlet.send(to_text(JsonObject{{"type", "pong"}, {"timestamp", json_view(to_rfc3339(now))}}));
  } else if (type == "unsubscribe") {
    outlet.send(to_text(JsonObject{{"type", "unsubscribed"},
                                   {"message", json_view("Unsubscribed from " + subject)},
                                   {"timestamp", json_view(to_rfc3339(now))}}));
    outlet.close(close_normal, "unsubscribed");
  }
}

}  // namespace harmonia::api
