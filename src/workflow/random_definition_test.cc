#include "workflow/random_definition_test.h"

#include <array>
#include <random>
#include <string>
#include <vector>

namespace harmonia::workflow::examples {
namespace {

constexpr auto texts = std::to_array<std::string_view>({"plain",
                                                        "two words",
                                                        "",
                                                        " ",
                                                        "yes",
                                                        "No",
                                                        "null",
                                                        "~",
                                                        "true",
                                                        "1",
                                                        "-1",
                                                        "1e3",
                                                        "0x1f",
                                                        "0o7",
                                                        ".5",
                                                        ".inf",
                                                        "-.inf",
                                                        ".nan",
                                                        "1.0",
                                                        "2026-11-21",
                                                        "12:30:45",
                                                        "- a",
                                                        "? a",
                                                        ": a",
                                                        "a: b",
                                                        "a:",
                                                        "a #b",
                                                        "#a",
                                                        "& a",
                                                        "*a",
                                                        "!a",
                                                        "|",
                                                        ">",
                                                        "%a",
                                                        "@a",
                                                        "`a",
                                                        "[a",
                                                        "]a",
                                                        "{a",
                                                        "}a",
                                                        ",a",
                                                        "'a'",
                                                        "\"a\"",
                                                        "a\\b",
                                                        "a\tb",
                                                        "\t",
                                                        "a\nb",
                                                        "a\nb\n",
                                                        "a\n\nb\n\n",
                                                        "\na",
                                                        "a\n",
                                                        "\n",
                                                        "  a\nb",
                                                        "a\n  b\nc",
                                                        "a \nb",
                                                        "a\n\tb",
                                                        "a\r\nb",
                                                        "a\n#b\n",
                                                        "---",
                                                        "...",
                                                        "---\na",
                                                        "a\n---\nb\n",
                                                        "<<",
                                                        "=",
                                                        "\x7f",
                                                        "\x01",
                                                        "\xc2\x85",
                                                        "\xe2\x80\xa8",
                                                        "\xef\xbb\xbf"
                                                        "a",
                                                        "\xc3\xa9\xe4\xb8\xad",
                                                        "\xf0\x9f\x98\x80",
                                                        "${input.x}",
                                                        "a ${input.x} b",
                                                        "$${x}",
                                                        "a, b",
                                                        "key: [x]",
                                                        "y",
                                                        "off"});

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  Json value(int depth) {
    switch (below(depth > 0 ? 9 : 7)) {
      case 0: return nullptr;
      case 1: return below(2) == 0;
      case 2: return static_cast<std::int64_t>(random_());
      case 3: return random_() | (std::uint64_t{1} << 63);
      case 4: return static_cast<double>(below(1000)) / 8 + 0.125;
      case 5:
      case 6: return json_view(text());
      case 7: {
        JsonArray list;
        for (std::size_t i = below(4); i > 0; --i) list.push_back(value(depth - 1));
        return list;
      }
      default: return object(depth);
    }
  }

  JsonObject object(int depth) {
    JsonObject members;
    for (std::size_t i = below(4); i > 0; --i) members.emplace(json_view(text()), value(depth - 1));
    return members;
  }

  JsonObject definition() {
    JsonObject fields{{"name", "random " + std::string(text())}};
    if (chance()) fields["description"] = json_view(text());
    if (chance()) fields["metadata"] = object(3);
    if (chance()) fields["timeout"] = below(1000) + 1;
    if (chance()) fields["max_parallel"] = below(10) + 1;
    if (chance()) fields["on_child_failure"] = "cancel";
    if (chance()) fields["concurrency"] = JsonObject{{"key", json_view(text())}, {"limit", 2}};
    fields["tasks"] = tasks(3);
    if (chance()) fields["on_failure"] = tasks(1);
    return fields;
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  bool chance() { return below(3) == 0; }
  std::string_view text() { return texts[below(texts.size())]; }

  JsonObject tasks(int depth) {
    JsonObject map;
    std::vector<std::string> ids;
    std::size_t count = 1 + below(4);
    for (std::size_t i = 0; i < count; ++i) {
      std::string id = (chance() ? "a-b" : "t") + std::to_string(i);
      map.emplace(id, task(depth, ids));
      ids.push_back(std::move(id));
    }
    // Targets of decisions stand behind them, so there is no circle.
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
      JsonObject& fields = map[ids[i]].get_object();
      if (!fields.contains("cases")) continue;
      for (Json& one : fields["cases"].get_array())
        one.get_object()["next"] = JsonArray{json_view(ids[i + 1 + below(ids.size() - i - 1)])};
    }
    return map;
  }

  JsonObject task(int depth, const std::vector<std::string>& before) {
    JsonObject fields;
    if (chance()) fields["name"] = json_view(text());
    if (chance()) fields["description"] = json_view(text());
    if (chance()) fields["metadata"] = object(2);
    JsonArray predecessors;
    for (const std::string& id : before)
      if (chance()) predecessors.push_back(json_view(id));
    if (chance() && !predecessors.empty()) fields["join"] = "all_done";
    if (chance() && !predecessors.empty())
      fields["join"] = JsonObject{{"at_least", predecessors.size()}};
    fields["depends_on"] = std::move(predecessors);
    if (chance()) fields["when"] = "${input.x == 1}";
    if (chance()) fields["on_error"] = chance() ? "incident" : "continue";
    shape(fields, depth);
    if (depth > 0 && chance()) fields["catch"] = clauses();
    if (depth > 0 && chance()) fields["finally"] = tasks(0);
    return fields;
  }

  JsonArray clauses() {
    JsonObject one{{"as", "problem"}, {"do", tasks(0)}};
    if (chance()) one["errors"] = JsonArray{"http_5xx", "timeout"};
    if (chance()) one["when"] = "problem.code != 'x'";
    if (chance()) one["retry"] = JsonObject{{"max_retries", below(9)}};
    return {JsonObject{}, std::move(one)};
  }

  void shape(JsonObject& fields, int depth) {
    switch (below(depth > 0 ? 15 : 10)) {
      case 0:
      case 1: return standard(fields);
      case 2: return put(fields, {{"type", "set"}, {"values", object(2)}});
      case 3: return put(fields, {{"type", "wait"}, {"duration", below(9) + 1}});
      case 4: return put(fields, {{"type", "join"}});
      case 5: return decision(fields);
      case 6:
        return put(fields, {{"type", "subworkflow"},
                            {"workflow", json_view(text())},
                            {"input", object(1)},
                            {"detached", chance()}});
      case 7:
        return put(fields, {{"type", "event"},
                            {"event", json_view(text())},
                            {"filter", "event.x > 1"},
                            {"timeout", below(99) + 1},
                            {"on_timeout", "continue"}});
      case 8:
        return put(fields, {{"type", "approval"},
                            {"title", json_view(text())},
                            {"assignees", JsonArray{"ada"}},
                            {"on_reject", "continue"}});
      case 9:
        return put(fields,
                   {{"type", "webhook"}, {"input", JsonObject{{"url", "${callback.url}"}}}});
      case 10:
        fields.erase("join");
        return put(fields, {{"type", "parallel"},
                            {"join", chance() ? "any" : "all"},
                            {"branches", JsonObject{{"on", tasks(depth - 1)}, {"b", tasks(0)}}}});
      case 11:
        return put(fields, {{"type", "loop"}, {"times", below(9)}, {"do", tasks(depth - 1)}});
      case 12:
        return put(fields, {{"type", "map"},
                            {"items", JsonArray{value(1), value(1)}},
                            {"as", "row"},
                            {"collect", "${row}"},
                            {"do", tasks(depth - 1)}});
      case 13: return put(fields, {{"type", "try"}, {"do", tasks(depth - 1)}});
      default:
        return put(fields, {{"type", "critical"}, {"key", json_view(text())}, {"do", tasks(0)}});
    }
  }

  static void put(JsonObject& fields, JsonObject more) {
    for (auto& member : more) fields[member.key()] = std::move(member.value());
  }

  void standard(JsonObject& fields) {
    put(fields, {{"component", "worker"}, {"input", object(3)}});
    if (chance()) fields["action"] = json_view(text());
    if (chance()) fields["priority"] = static_cast<std::int64_t>(below(100));
    if (chance()) fields["cache"] = JsonObject{{"key", json_view(text())}, {"ttl", 1.5}};
    if (chance()) fields["rate_limit"] = JsonObject{{"limit", 5}, {"per", 60}};
    if (chance()) fields["retry_policy"] = JsonObject{{"max_retries", below(9)}, {"jitter", 0.25}};
    if (chance()) fields["compensate"] = JsonObject{{"component", "undo"}, {"input", object(1)}};
  }

  void decision(JsonObject& fields) {
    JsonArray cases;
    for (std::size_t i = 1 + below(3); i > 0; --i) {
      JsonObject one{{"when", "input.n > " + std::to_string(i)}};
      if (chance()) one["name"] = "name " + std::to_string(i);
      cases.push_back(std::move(one));
    }
    put(fields, {{"type", "decision"}, {"cases", std::move(cases)}});
    if (chance()) fields["default"] = JsonObject();
    if (chance()) fields["mode"] = "all";
  }

  std::mt19937_64 random_;
};

}  // namespace

Json random_definition(std::uint64_t seed) { return Maker(seed).definition(); }
Json random_value(std::uint64_t seed) { return Maker(seed).value(5); }

}  // namespace harmonia::workflow::examples
