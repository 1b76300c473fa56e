#include <array>

#include "base/utf8.h"
#include "workflow/compile.h"
#include "workflow/fields.h"
#include "workflow/unknown_fields.h"

// What follows a task: catch, finally, compensate. And what it shares with other runs.
namespace harmonia::workflow {
namespace {

using PolicyChoice = std::pair<std::string_view, ConcurrencyPolicy>;
constexpr auto policies = std::to_array<PolicyChoice>({{"queue", ConcurrencyPolicy::queue},
                                                       {"reject", ConcurrencyPolicy::reject},
                                                       {"replace", ConcurrencyPolicy::replace}});
constexpr std::uint32_t limit_max = 1'000'000;

bool is_root_name(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  bool good = !name.empty() && letter(name[0]);
  for (char c : name) good = good && (letter(c) || (c >= '0' && c <= '9'));
  constexpr auto words = std::to_array<std::string_view>({"true", "false", "null", "in"});
  return good && !fields::contains(words, name);
}

std::vector<std::string> handler_roots(const Catch& clause) {
  if (clause.as.empty()) return {};
  return {clause.as};
}

void read_catch(const Json& source, const std::string& pointer, TaskReading& reading) {
  auto& findings = reading.builder.findings;
  Catch& clause = reading.task.catches.emplace_back();
  if (!source.is_object()) {
    return findings.error(pointer, "a catch clause is an object",
                          "write {errors: [http_5xx], do: {tell: {...}}}");
  }
  FieldReader reader(source.get_object(), pointer, findings);
  refuse_unknown_fields(source.get_object(), reader, {.now = fields::catch_clause, .later = {}});
  clause.errors = reader.texts("errors");
  clause.as = read_as(reader, "an error");
  if (const Json* when = reader.find("when")) {
    ExpressionSite site = reading.site("when", ExpressionPlace::condition);
    site.pointer = reader.pointer_to("when");
    site.extra_root = clause.as;
    clause.when = compile_condition(*when, site, reading.builder);
  }
  clause.retry = compile_retry(reader, "retry");
  std::size_t position = reading.task.catches.size();
  std::string label = position == 1 ? ".catch" : ".catch" + std::to_string(position);
  Body body{.owner = std::nullopt, .role = BodyRole::handler, .label = std::move(label)};
  if (reader.find("do") != nullptr)
    clause.body = reading.body(reader, "do", std::move(body), handler_roots(clause));
}

void read_compensate(TaskReading& reading) {
  const JsonObject* source = reading.reader.object("compensate");
  if (source == nullptr) return;
  NewBody body{.body = {.owner = reading.number, .role = BodyRole::undo, .label = {}},
               .parent = reading.task.body,
               .pointer = reading.reader.pointer_to("compensate")};
  reading.task.compensate =
      add_body(reading.builder, std::move(body), *reading.reader.find("compensate"));
}

std::optional<expr::Template> read_key(FieldReader& reader, ExpressionSite site,
                                       DefinitionBuilder& builder) {
  const Json* key = reader.find("key");
  if (key == nullptr) return std::nullopt;
  site.pointer = reader.pointer_to("key");
  return compile_value(*key, site, builder);
}

void read_cache(TaskReading& reading) {
  const JsonObject* source = reading.reader.object("cache");
  if (source == nullptr) return;
  FieldReader reader(*source, reading.reader.pointer_to("cache"), reading.builder.findings);
  constexpr auto known = std::to_array<std::string_view>({"key", "ttl"});
  refuse_unknown_fields(*source, reader, {.now = known, .later = {}});
  auto key = read_key(reader, reading.site("cache", ExpressionPlace::task_values), reading.builder);
  auto ttl = reader.duration("ttl");
  if (key && ttl) {
    reading.task.cache = Cache{.key = std::move(*key), .ttl = *ttl};
  } else if (reader.find("key") == nullptr || reader.find("ttl") == nullptr) {
    reader.findings().error(reader.pointer(), "cache needs key and ttl",
                            "write cache: {key: \"${input.id}\", ttl: 3600}");
  }
}

void read_rate_limit(TaskReading& reading) {
  const JsonObject* source = reading.reader.object("rate_limit");
  if (source == nullptr) return;
  FieldReader reader(*source, reading.reader.pointer_to("rate_limit"), reading.builder.findings);
  constexpr auto known = std::to_array<std::string_view>({"limit", "per", "key"});
  refuse_unknown_fields(*source, reader, {.now = known, .later = {}});
  RateLimit limit;
  if (reader.find("limit") == nullptr) {
    reader.findings().error(reader.pointer(), "rate_limit needs limit",
                            "write rate_limit: {limit: 10, per: 1}, per in seconds");
  }
  limit.limit = reader.count("limit", 1, limit_max).value_or(1);
  limit.per = reader.duration("per").value_or(limit.per);
  limit.key =
      read_key(reader, reading.site("rate_limit", ExpressionPlace::task_values), reading.builder);
  reading.task.rate_limit = std::move(limit);
}

void read_priority(TaskReading& reading) {
  const Json* source = reading.reader.find("priority");
  if (source == nullptr) return;
  constexpr std::int64_t priority_max = 1000;
  bool good = source->is_int64() && source->get_int64() >= -priority_max &&
              source->get_int64() <= priority_max;
  if (good) {
    reading.task.priority = static_cast<std::int32_t>(source->get_int64());
  } else {
    reading.reader.findings().error(reading.reader.pointer_to("priority"),
                                    "priority must be a whole number from -1000 to 1000");
  }
}

}  // namespace

std::string read_as(FieldReader& reader, std::string_view what) {
  std::string as = reader.text("as").value_or("");
  constexpr auto of_places =
      std::to_array<std::string_view>({"result", "event", "callback", "item", "index", "loop"});
  bool taken = fields::contains(expression_roots, as) || fields::contains(of_places, as);
  if (reader.find("as") == nullptr || (is_root_name(as) && !taken)) return as;
  if (reader.find("as")->is_string()) {
    std::string message = "'" + utf8_prefix(as, 80) + "' can't be the name of ";
    reader.findings().error(reader.pointer_to("as"), message.append(what),
                            "a name has letters, digits and _, and is no other root");
  }
  return {};
}

std::optional<Concurrency> compile_concurrency(FieldReader& owner, const ExpressionSite& site,
                                               DefinitionBuilder& builder) {
  const JsonObject* source = owner.object("concurrency");
  if (source == nullptr) return std::nullopt;
  FieldReader reader(*source, owner.pointer_to("concurrency"), builder.findings);
  constexpr auto of_runs = std::to_array<std::string_view>({"key", "limit", "policy"});
  constexpr auto of_tasks = std::to_array<std::string_view>({"key", "limit"});
  KnownFields known{.now = of_runs, .later = {}};
  if (site.task) known.now = of_tasks;
  refuse_unknown_fields(*source, reader, known);
  auto key = read_key(reader, site, builder);
  if (reader.find("key") == nullptr) {
    owner.findings().error(reader.pointer(), "concurrency needs a key",
                           "write concurrency: {key: \"${input.customer}\", limit: 1}");
  }
  std::uint32_t limit = reader.count("limit", 1, limit_max).value_or(1);
  auto policy = reader.choice("policy", policies).value_or(ConcurrencyPolicy::queue);
  if (!key) return std::nullopt;
  return Concurrency{.key = std::move(*key), .limit = limit, .policy = policy};
}

void read_handlers(TaskReading& reading) {
  if (const Json* clauses = reading.reader.find("catch")) {
    std::string pointer = reading.reader.pointer_to("catch");
    if (clauses->is_array()) {
      std::size_t index = 0;
      for (const Json& clause : clauses->get_array())
        read_catch(clause, child_pointer(pointer, std::to_string(index++)), reading);
    } else if (clauses->is_object()) {
      read_catch(*clauses, pointer, reading);
    } else {
      reading.reader.refuse_type("catch", "a list of clauses");
    }
  }
  Body cleanup{.owner = std::nullopt, .role = BodyRole::cleanup, .label = ".finally"};
  reading.task.finally = reading.body(reading.reader, "finally", std::move(cleanup));
  read_compensate(reading);
}

void read_sharing(TaskReading& reading) {
  read_priority(reading);
  read_cache(reading);
  read_rate_limit(reading);
  reading.task.concurrency = compile_concurrency(
      reading.reader, reading.site("concurrency", ExpressionPlace::task_values), reading.builder);
}

}  // namespace harmonia::workflow
