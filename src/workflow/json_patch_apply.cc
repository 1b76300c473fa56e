#include <algorithm>
#include <span>

#include "base/utf8.h"
#include "workflow/json_patch.h"
#include "workflow/json_patch_cost.h"

namespace harmonia::workflow {
namespace {

using Tokens = std::vector<std::string>;

constexpr std::size_t problems_max = 50;
constexpr std::size_t shown_max = 60;   // bytes of a value in a message
constexpr std::size_t members_max = 8;  // names in a message

enum class Kind { add, remove, replace, move, copy, test };

constexpr std::pair<std::string_view, Kind> kinds[] = {
    {"add", Kind::add},   {"remove", Kind::remove}, {"replace", Kind::replace},
    {"move", Kind::move}, {"copy", Kind::copy},     {"test", Kind::test},
};

struct Operation {
  Kind kind = Kind::test;
  Tokens path;
  Tokens from;                  // of move and copy
  const Json* value = nullptr;  // of add, replace and test; in the patch
};

std::string pointer_to(std::span<const std::string> tokens) {
  std::string pointer;
  for (const std::string& token : tokens) pointer += "/" + escape_pointer_token(token);
  return pointer;
}

std::string name_of_place(std::span<const std::string> tokens) {
  return tokens.empty() ? "the document" : pointer_to(tokens);
}

std::string shown(const Json& value) {
  std::string text = to_text(value);
  return text.size() <= shown_max ? text : utf8_prefix(text, shown_max) + "...";
}

std::string describe_object(const JsonObject& object) {
  if (object.empty()) return "an empty object";
  std::string names;
  std::size_t count = 0;
  for (const auto& member : object) {
    if (count++ == members_max) break;
    names.append(names.empty() ? "" : ", ").append("'").append(text_view(member.key())).append("'");
  }
  return "an object with " + names + (object.size() > members_max ? ", ..." : "");
}

// What stands somewhere, for a message about what does not.
std::string describe(const Json& value) {
  if (value.is_object()) return describe_object(value.get_object());
  if (value.is_array()) {
    std::size_t size = value.get_array().size();
    return "an array of " + std::to_string(size) + (size == 1 ? " item" : " items");
  }
  return shown(value);
}

// Reads the operations of a patch and collects what is wrong with them.
class Reader {
 public:
  Result<std::vector<Operation>> read(const Json& patch) {
    if (!patch.is_array()) {
      problem("", "a patch is an array of operations", R"([{"op": "remove", "path": "/a"}])");
      return error();
    }
    std::vector<Operation> operations;
    operations.reserve(patch.get_array().size());
    for (const Json& operation : patch.get_array()) {
      place_ = "/" + std::to_string(operations.size());
      operations.push_back(read_operation(operation));
      if (problems_.size() >= problems_max) break;
    }
    if (!problems_.empty()) return error();
    return operations;
  }

 private:
  Operation read_operation(const Json& json) {
    Operation operation;
    if (!json.is_object()) {
      problem("", "an operation is an object", R"({"op": "remove", "path": "/a"})");
      return operation;
    }
    const JsonObject& object = json.get_object();
    if (!read_kind(object, operation.kind)) return operation;
    read_path(object, "path", operation.path);
    bool has_from = operation.kind == Kind::move || operation.kind == Kind::copy;
    if (has_from) {
      read_path(object, "from", operation.from);
    } else if (operation.kind != Kind::remove) {
      operation.value = object.if_contains("value");
      if (operation.value == nullptr) problem("", "the operation has no 'value'");
    }
    check_places(operation);
    return operation;
  }

  bool read_kind(const JsonObject& object, Kind& kind) {
    const Json* name = object.if_contains("op");
    for (const auto& [known, meaning] : kinds) {
      if (name == nullptr || !name->is_string() || text_view(name->get_string()) != known) continue;
      kind = meaning;
      return true;
    }
    std::string what =
        name == nullptr ? "the operation has no 'op'" : "there is no operation " + shown(*name);
    problem(name == nullptr ? "" : "/op", std::move(what),
            "use add, remove, replace, move, copy or test");
    return false;
  }

  void read_path(const JsonObject& object, std::string_view name, Tokens& out) {
    const Json* text = object.if_contains(json_view(name));
    std::string place = "/" + std::string(name);
    if (text == nullptr) {
      problem("", "the operation has no '" + std::string(name) + "'");
    } else if (!text->is_string()) {
      problem(place, "must be a string with a JSON pointer, not " + describe(*text));
    } else if (auto tokens = split_pointer(text_view(text->get_string()))) {
      out = std::move(*tokens);
    } else {
      problem(place, shown(*text) + " is no JSON pointer",
              "it begins with / and has ~0 for ~ and ~1 for / in names");
    }
  }

  void check_places(const Operation& operation) {
    if (operation.kind == Kind::remove && operation.path.empty()) {
      problem("/path", "the whole document cannot be removed", "replace it with null");
    }
    bool moves_into_itself =
        operation.kind == Kind::move && operation.from.size() < operation.path.size() &&
        std::equal(operation.from.begin(), operation.from.end(), operation.path.begin());
    if (moves_into_itself && problems_.empty()) {
      problem("/from", "a value cannot be moved into itself");
    }
  }

  void problem(std::string_view at, std::string message, std::string hint = {}) {
    problems_.push_back({.pointer = place_ + std::string(at),
                         .message = std::move(message),
                         .hint = std::move(hint)});
  }

  Error error() {
    Error error = make_error(error_code::invalid_argument,
                             "the patch is wrong: " + harmonia::describe(problems_.front()),
                             problems_.front().pointer);
    error.problems = std::move(problems_);
    return error;
  }

  std::string place_;  // of the operation
  std::vector<Problem> problems_;
};

struct Measure {
  std::size_t bytes = 0;   // in memory, estimated
  std::size_t values = 0;  // in all
  std::size_t depth = 0;   // 0 for a scalar
};

Measure measure(const Json& value) {
  Measure all{.bytes = sizeof(Json), .values = 1};
  auto add = [&all](const Json& child) {
    Measure part = measure(child);
    all.bytes += part.bytes;
    all.values += part.values;
    all.depth = std::max(all.depth, part.depth + 1);
  };
  if (value.is_string()) all.bytes += value.get_string().size();
  if (value.is_array()) {
    for (const Json& item : value.get_array()) add(item);
  }
  if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      all.bytes += member.key().size() + sizeof(Json);
      add(member.value());
    }
  }
  return all;
}

Error misfit(std::string detail) { return make_error(error_code::conflict, std::move(detail)); }
Error too_much(std::string detail) {
  return make_error(error_code::payload_too_large, std::move(detail));
}

Json* child_of(Json& parent, const std::string& token) {
  if (parent.is_object()) return parent.get_object().if_contains(token);
  if (!parent.is_array()) return nullptr;
  auto index = pointer_index(token);
  return index ? parent.get_array().if_contains(*index) : nullptr;
}

// The document while operations change it.
class Target {
 public:
  Target(Json document, const PatchLimits& limits)
      : document_(std::move(document)), limits_(limits) {}

  Result<void> perform(const Operation& operation) {
    switch (operation.kind) {
      case Kind::add: return add(operation.path, *operation.value);
      case Kind::remove: return remove(operation.path);
      case Kind::replace: return replace(operation);
      case Kind::move: return move(operation);
      case Kind::copy: return copy(operation);
      case Kind::test: return test(operation);
    }
    return {};
  }
  Json take() { return std::move(document_); }

 private:
  Result<Json*> find(std::span<const std::string> tokens) {
    Json* found = &document_;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      Json* child = child_of(*found, tokens[i]);
      if (child == nullptr) {
        return misfit("there is nothing at " + pointer_to(tokens.first(i + 1)) + ": " +
                      name_of_place(tokens.first(i)) + " is " + describe(*found));
      }
      found = child;
    }
    return found;
  }

  Result<void> add(const Tokens& path, Json value) {
    Measure size = measure(value);
    TRY_DO(check_depth(path, size));
    if (path.empty()) {
      document_ = std::move(value);
      return {};
    }
    auto parent_path = std::span(path).first(path.size() - 1);
    TRY(Json * parent, find(parent_path));
    if (parent->is_object()) {
      parent->get_object()[path.back()] = std::move(value);
      return {};
    }
    if (!parent->is_array()) {
      return misfit("nothing can be added to " + name_of_place(parent_path) + ", which is " +
                    describe(*parent));
    }
    JsonArray& items = parent->get_array();
    auto index = path.back() == "-" ? items.size() : pointer_index(path.back());
    if (!index || *index > items.size()) {
      return misfit("'" + path.back() + "' is no place in " + name_of_place(parent_path) +
                    ", which is " + describe(*parent) +
                    (items.empty() ? ": only 0 or - is"
                                   : ": 0 to " + std::to_string(items.size()) + " and - are"));
    }
    TRY_DO(spend(patch::shift_cost(items.size() - *index)));
    items.insert(items.begin() + *index, std::move(value));
    return {};
  }

  Result<void> remove(const Tokens& path) {
    TRY_DO(find(path));
    TRY(Json * parent, find(std::span(path).first(path.size() - 1)));
    if (parent->is_object()) {
      JsonObject& object = parent->get_object();
      TRY_DO(spend(patch::removal_cost(object.size())));
      object.stable_erase(path.back());  // the other members keep their order
      return {};
    }
    JsonArray& items = parent->get_array();
    std::size_t index = *pointer_index(path.back());
    TRY_DO(spend(patch::shift_cost(items.size() - index)));
    items.erase(items.begin() + index);
    return {};
  }

  Result<void> replace(const Operation& operation) {
    TRY(Json * target, find(operation.path));
    TRY_DO(check_depth(operation.path, measure(*operation.value)));
    *target = *operation.value;
    return {};
  }

  Result<void> move(const Operation& operation) {
    TRY(Json * source, find(operation.from));
    if (operation.from == operation.path) return {};
    TRY_DO(spend(measure(*source).values));
    Json value = std::move(*source);
    TRY_DO(remove(operation.from));
    return add(operation.path, std::move(value));
  }

  Result<void> copy(const Operation& operation) {
    TRY(Json * source, find(operation.from));
    copied_ += measure(*source).bytes;
    if (copied_ > limits_.copied_max) {
      return too_much("the patch copies more than " + std::to_string(limits_.copied_max) +
                      " bytes");
    }
    return add(operation.path, *source);
  }

  Result<void> test(const Operation& operation) {
    TRY(Json * found, find(operation.path));
    if (json_equal(*found, *operation.value)) return {};
    return misfit(name_of_place(operation.path) + " is " + shown(*found) + ", not " +
                  shown(*operation.value));
  }

  Result<void> check_depth(const Tokens& path, const Measure& size) const {
    if (path.size() + size.depth <= limits_.depth_max) return {};
    return too_much("the document would nest deeper than " + std::to_string(limits_.depth_max) +
                    " levels");
  }

  Result<void> spend(std::uint64_t moved) {
    moved_ += moved;
    if (moved_ <= limits_.moved_max) return {};
    return too_much("the patch moves too many values about");
  }

  Json document_;
  PatchLimits limits_;
  std::size_t copied_ = 0;
  std::uint64_t moved_ = 0;
};

// An error of one operation, with its number, what it should do and where.
Error place_error(Error error, std::size_t number, const Operation& operation) {
  std::string name;
  for (const auto& [known, kind] : kinds) {
    if (kind == operation.kind) name = known;
  }
  std::string path = pointer_to(operation.path);
  std::string place = "/" + std::to_string(number);
  error.problems = {{.pointer = place, .message = error.detail}};
  error.detail =
      "operation " + std::to_string(number) + " (" + name + " \"" + path + "\"): " + error.detail;
  error.instance = std::move(place);
  return error;
}

}  // namespace

Result<Json> apply_patch(Json document, const Json& patch, const PatchLimits& limits) {
  TRY(auto operations, Reader().read(patch));
  Target target(std::move(document), limits);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    auto done = target.perform(operations[i]);
    if (!done.ok()) return place_error(std::move(done).error(), i, operations[i]);
  }
  return target.take();
}

}  // namespace harmonia::workflow
