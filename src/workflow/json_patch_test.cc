#include "workflow/json_patch.h"

#include <random>

#include <gtest/gtest.h>

#include "workflow/edit_script.h"

namespace harmonia::workflow {
namespace {

Json json(std::string_view text) { return parse_json(text).value(); }

std::string applied(std::string_view document, std::string_view patch) {
  auto result = apply_patch(json(document), json(patch));
  return result.ok() ? to_text(*result) : result.error().code + ": " + result.error().detail;
}

std::string made(std::string_view from, std::string_view to) {
  return to_text(make_patch(json(from), json(to)));
}

TEST(JsonPatch, operations_are_applied_in_order) {
  EXPECT_EQ(applied(R"({"a": {"b": 1}, "list": [1, 3]})",
                    R"([{"op": "test", "path": "/a/b", "value": 1.0},
                        {"op": "add", "path": "/list/1", "value": 2},
                        {"op": "add", "path": "/list/-", "value": 4},
                        {"op": "copy", "from": "/list", "path": "/a/c"},
                        {"op": "move", "from": "/a/b", "path": "/d"},
                        {"op": "replace", "path": "/list/0", "value": "one"},
                        {"op": "remove", "path": "/list/1"}])"),
            R"({"a":{"c":[1,2,3,4]},"list":["one",3,4],"d":1})");
}

TEST(JsonPatch, members_keep_their_order_when_one_goes) {
  EXPECT_EQ(applied(R"({"a": 1, "b": 2, "c": 3})", R"([{"op": "remove", "path": "/a"}])"),
            R"({"b":2,"c":3})");
}

TEST(JsonPatch, the_whole_document_can_be_replaced_but_not_removed) {
  EXPECT_EQ(applied("{}", R"([{"op": "replace", "path": "", "value": [1]}])"), "[1]");
  EXPECT_EQ(applied(R"({"a": 1})", R"([{"op": "move", "from": "/a", "path": ""}])"), "1");
  EXPECT_EQ(applied("{}", R"([{"op": "remove", "path": ""}])"),
            "invalid_argument: the patch is wrong: /0/path: the whole document cannot be removed");
}

TEST(JsonPatch, a_misfit_names_the_operation_its_path_and_what_was_there) {
  EXPECT_EQ(applied(R"({"a": {"x": 1, "y": 2}})",
                    R"([{"op": "test", "path": "/a/x", "value": 1},
                        {"op": "replace", "path": "/a/b/c", "value": 1}])"),
            "conflict: operation 1 (replace \"/a/b/c\"): there is nothing at /a/b: /a is an object "
            "with 'x', 'y'");
  EXPECT_EQ(applied(R"({"a": [1, 2]})", R"([{"op": "add", "path": "/a/8", "value": 1}])"),
            "conflict: operation 0 (add \"/a/8\"): '8' is no place in /a, which is an array of 2 "
            "items: 0 to 2 and - are");
  EXPECT_EQ(applied(R"({"a": "text"})", R"([{"op": "add", "path": "/a/b", "value": 1}])"),
            "conflict: operation 0 (add \"/a/b\"): nothing can be added to /a, which is \"text\"");
  EXPECT_EQ(applied(R"({"a": 1})", R"([{"op": "test", "path": "/a", "value": "1"}])"),
            "conflict: operation 0 (test \"/a\"): /a is 1, not \"1\"");
  auto result = apply_patch(json("{}"), json(R"([{"op": "remove", "path": "/a"}])"));
  EXPECT_EQ(result.error().instance, "/0");
}

TEST(JsonPatch, all_that_is_wrong_with_a_patch_is_said_at_once) {
  auto result = apply_patch(json("{}"), json(R"([
    {"path": "/a"}, {"op": "spam", "path": "/a"}, {"op": "add", "path": "/a"},
    {"op": "test", "path": "a", "value": 1}, {"op": "copy", "path": "/a"}, 7,
    {"op": "move", "from": "/a~2", "path": 5}])"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, error_code::invalid_argument);
  std::string places;
  for (const Problem& problem : result.error().problems) places += describe(problem) + "\n";
  EXPECT_EQ(places, R"(/0: the operation has no 'op'
/1/op: there is no operation "spam"
/2: the operation has no 'value'
/3/path: "a" is no JSON pointer
/4: the operation has no 'from'
/5: an operation is an object
/6/path: must be a string with a JSON pointer, not 5
/6/from: "/a~2" is no JSON pointer
)");
  EXPECT_EQ(apply_patch(json("{}"), json("{}")).error().code, error_code::invalid_argument);
}

TEST(JsonPatch, a_value_is_not_moved_into_itself) {
  EXPECT_EQ(applied(R"({"a": {"b": 1}})", R"([{"op": "move", "from": "/a", "path": "/a/b"}])"),
            "invalid_argument: the patch is wrong: /0/from: a value cannot be moved into itself");
  EXPECT_EQ(applied(R"({"a": {"b": 1}})", R"([{"op": "move", "from": "/a", "path": "/a"}])"),
            R"({"a":{"b":1}})");
}

TEST(JsonPatch, copies_that_double_a_document_end_at_a_limit) {
  JsonArray patch;
  for (int i = 0; i < 60; ++i) {
    patch.push_back(JsonObject{{"op", "copy"}, {"from", ""}, {"path", "/" + std::to_string(i)}});
  }
  auto by_size = apply_patch(json(R"({"text": "0123456789"})"), patch, {.depth_max = 1000});
  ASSERT_FALSE(by_size.ok());
  EXPECT_EQ(by_size.error().code, error_code::payload_too_large);
  auto by_depth = apply_patch(json("{}"), patch, {.depth_max = 10});
  ASSERT_FALSE(by_depth.ok());
  EXPECT_EQ(by_depth.error().detail,
            "operation 10 (copy \"/10\"): the document would nest deeper than 10 levels");
}

TEST(JsonPatch, moves_of_large_values_end_at_a_limit) {
  JsonArray items(200'000, Json(1));
  JsonArray patch;
  for (int i = 0; i < 10'000; ++i) {
    bool there = i % 2 == 0;
    patch.push_back(
        JsonObject{{"op", "move"}, {"from", there ? "/a" : "/b"}, {"path", there ? "/b" : "/a"}});
  }
  auto result = apply_patch(JsonObject{{"a", items}}, patch);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, error_code::payload_too_large);
}

TEST(JsonPatch, a_made_patch_is_short) {
  EXPECT_EQ(made(R"({"a": 1, "b": [1, 2]})", R"({"b": [1, 2.0], "a": 1})"), "[]");
  EXPECT_EQ(made(R"({"a": 1, "b/~": 2})", R"({"a": 1, "b/~": 3})"),
            R"([{"op":"replace","path":"/b~1~0","value":3}])");
  EXPECT_EQ(made(R"({"a": 1, "b": 2})", R"({"a": 1, "c": 3})"),
            R"([{"op":"remove","path":"/b"},{"op":"add","path":"/c","value":3}])");
  EXPECT_EQ(made("[1, 2, 3, 4, 5]", "[1, 3, 4, 9, 5]"),
            R"([{"op":"remove","path":"/1"},{"op":"add","path":"/3","value":9}])");
  EXPECT_EQ(made(R"([{"id": 1, "n": 1}, {"id": 2, "n": 1}])",
                 R"([{"id": 1, "n": 1}, {"id": 2, "n": 7}])"),
            R"([{"op":"replace","path":"/1/n","value":7}])");
  EXPECT_EQ(made(R"({"a": {"x": 1, "y": 2}, "b": 1})", R"({"a": {"x": 3, "y": 4}, "b": 1})"),
            R"([{"op":"replace","path":"/a","value":{"x":3,"y":4}}])");
}

TEST(JsonPatch, the_edit_script_is_a_shortest_one) {
  auto cost = [](std::vector<std::uint32_t> from, std::vector<std::uint32_t> to) {
    std::size_t steps = 10'000;
    auto edits = shortest_edits(from, to, steps);
    return static_cast<std::size_t>(
        std::count_if(edits.begin(), edits.end(), [](Edit edit) { return edit != Edit::keep; }));
  };
  EXPECT_EQ(cost({1, 2, 3, 1, 2, 2, 1}, {3, 2, 1, 2, 1, 3}), 5u);  // the example of the paper
  EXPECT_EQ(cost({1, 2, 3}, {1, 2, 3}), 0u);
  EXPECT_EQ(cost({}, {1, 2}), 2u);
  EXPECT_EQ(cost({1, 2}, {}), 2u);
  EXPECT_EQ(cost({1, 2, 3}, {4, 5}), 5u);
}

TEST(JsonPatch, an_edit_script_that_costs_too_much_is_given_up) {
  std::vector<std::uint32_t> from(5'000, 1);
  std::vector<std::uint32_t> to(5'000, 2);
  std::size_t steps = 100'000'000;
  EXPECT_TRUE(shortest_edits(from, to, steps).empty());
  steps = 100;
  EXPECT_TRUE(shortest_edits(from, from, steps).empty());
}

// Random documents: few names and values, so that much is equal, and names that need escapes.
class Documents {
 public:
  explicit Documents(std::uint64_t seed) : random_(seed) {}

  Json make(int depth) {
    switch (pick(depth > 0 ? 10 : 6)) {
      case 0: return nullptr;
      case 1: return pick(2) == 0;
      case 2: return static_cast<std::int64_t>(pick(3));
      case 3: return static_cast<double>(pick(3)) / (pick(2) == 0 ? 1 : 2);
      case 4: return json_string();
      case 5: return pick(2) == 0 ? Json(JsonObject()) : Json(JsonArray());
      case 6:
      case 7: return make_array(depth - 1);
      default: return make_object(depth - 1);
    }
  }

  Json make_container(int depth) {
    return pick(3) == 0 ? make_array(depth - 1) : make_object(depth - 1);
  }

  // Something near to `value`: most of it stays.
  Json change(const Json& value, int depth) {
    if (pick(12) == 0) return make(depth);
    if (value.is_array()) return change_array(value.get_array(), depth);
    if (!value.is_object()) return value;
    JsonObject changed;
    for (const auto& member : value.get_object()) {
      if (pick(8) == 0) continue;
      changed[member.key()] = change(member.value(), depth - 1);
    }
    if (pick(6) == 0) changed[name()] = make(depth - 1);
    return changed;
  }

  std::size_t pick(std::size_t count) { return random_() % count; }

 private:
  Json change_array(const JsonArray& items, int depth) {
    JsonArray changed;
    for (const Json& item : items) {
      if (pick(8) == 0) continue;
      if (pick(8) == 0) changed.push_back(make(depth - 1));
      changed.push_back(change(item, depth - 1));
    }
    return changed;
  }
  Json json_string() {
    constexpr std::string_view texts[] = {"", "a", "~", "/", "~1", "é"};
    return Json(json_view(texts[pick(std::size(texts))]));
  }
  boost::json::string_view name() {
    constexpr std::string_view names[] = {"", "a", "b", "~", "/", "a/b", "~0", "~1", "0", "-", "é"};
    return json_view(names[pick(std::size(names))]);
  }
  Json make_array(int depth) {
    JsonArray items;
    for (std::size_t i = pick(7); i > 0; --i) items.push_back(make(depth));
    return items;
  }
  Json make_object(int depth) {
    JsonObject object;
    for (std::size_t i = pick(6); i > 0; --i) object[name()] = make(depth);
    return object;
  }

  std::mt19937_64 random_;
};

void expect_patch_works(const Json& from, const Json& to) {
  Json patch = make_patch(from, to);
  auto result = apply_patch(from, patch);
  ASSERT_TRUE(result.ok()) << result.error().detail << "\n" << to_text(patch);
  ASSERT_TRUE(json_equal(*result, to)) << to_text(from) << "\n"
                                       << to_text(to) << "\n"
                                       << to_text(patch);
  // The other half of the law: equal values need no patch.
  ASSERT_EQ(json_equal(from, to), patch.get_array().empty());
}

TEST(JsonPatch, the_patch_between_two_documents_makes_one_of_the_other) {
  Documents documents(20'261'121);
  for (int i = 0; i < 10'000; ++i) {
    Json from = documents.make_container(6);
    ASSERT_NO_FATAL_FAILURE(expect_patch_works(from, documents.make(6))) << i;
    ASSERT_NO_FATAL_FAILURE(expect_patch_works(from, documents.change(from, 6))) << i;
  }
}

TEST(JsonPatch, deep_documents_are_patched_at_the_bottom) {
  Documents documents(7);
  for (int i = 0; i < 200; ++i) {
    Json from = documents.make(2);
    Json to = documents.make(2);
    for (int depth = 0; depth < 110; ++depth) {
      if (documents.pick(2) == 0) {
        from = JsonArray{1, std::move(from)};
        to = JsonArray{1, std::move(to)};
      } else {
        from = JsonObject{{"a/b", std::move(from)}, {"c", 1}};
        to = JsonObject{{"a/b", std::move(to)}, {"c", 1}};
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_patch_works(from, to)) << i;
    ASSERT_LT(make_patch(from, to).get_array().size(), 20u);
  }
}

TEST(JsonPatch, large_arrays_take_no_quadratic_time) {
  std::mt19937_64 random(5);
  JsonArray from;
  for (int i = 0; i < 100'000; ++i) from.push_back(static_cast<std::int64_t>(random() % 50'000));
  JsonArray shuffled = from;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  expect_patch_works(from, shuffled);

  JsonArray edited = from;
  for (int i = 0; i < 50; ++i) {
    edited.erase(edited.begin() + static_cast<std::ptrdiff_t>(random() % edited.size()));
    edited.insert(edited.begin() + static_cast<std::ptrdiff_t>(random() % edited.size()), "new");
  }
  expect_patch_works(from, edited);
  EXPECT_LE(make_patch(from, edited).get_array().size(), 100u);

  // So much in front of so many that moving them one by one would take too long.
  JsonArray prefixed(50'000, Json("first"));
  prefixed.insert(prefixed.end(), from.begin(), from.end());
  expect_patch_works(from, prefixed);
  expect_patch_works(prefixed, from);
}

TEST(JsonPatch, large_objects_take_no_quadratic_time) {
  JsonObject from;
  JsonObject to;
  for (int i = 0; i < 100'000; ++i) {
    from["a" + std::to_string(i)] = i;
    if (i % 2 == 0) to["a" + std::to_string(i)] = i;
  }
  expect_patch_works(from, to);
  expect_patch_works(to, from);
}

TEST(JsonMergePatch, members_are_put_over_those_of_the_document) {
  auto merged = [](std::string_view document, std::string_view patch) {
    return to_text(apply_merge_patch(json(document), json(patch)));
  };
  // The cases of RFC 7396, appendix A.
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"b":"c"})"), R"({"a":"b","b":"c"})");
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"a":null})"), "{}");
  EXPECT_EQ(merged(R"({"a":"b","b":"c"})", R"({"a":null})"), R"({"b":"c"})");
  EXPECT_EQ(merged(R"({"a":["b"]})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merged(R"({"a":"c"})", R"({"a":["b"]})"), R"({"a":["b"]})");
  EXPECT_EQ(merged(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})"), R"({"a":{"b":"d"}})");
  EXPECT_EQ(merged(R"({"a":[{"b":"c"}]})", R"({"a":[1]})"), R"({"a":[1]})");
  EXPECT_EQ(merged(R"(["a","b"])", R"(["c","d"])"), R"(["c","d"])");
  EXPECT_EQ(merged(R"({"a":"b"})", R"(["c"])"), R"(["c"])");
  EXPECT_EQ(merged(R"({"a":"foo"})", "null"), "null");
  EXPECT_EQ(merged(R"({"a":"foo"})", R"("bar")"), R"("bar")");
  EXPECT_EQ(merged(R"({"e":null})", R"({"a":1})"), R"({"e":null,"a":1})");
  EXPECT_EQ(merged("[1,2]", R"({"a":"b","c":null})"), R"({"a":"b"})");
  EXPECT_EQ(merged("{}", R"({"a":{"bb":{"ccc":null}}})"), R"({"a":{"bb":{}}})");
}

TEST(JsonMergePatch, a_member_cannot_be_set_to_null) {
  auto refused = make_merge_patch(json(R"({"a": {}})"), json(R"({"a": {"b": null}})"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, error_code::invalid_argument);
  EXPECT_EQ(refused.error().instance, "/a/b");
  // One that is null already is no change.
  EXPECT_EQ(to_text(*make_merge_patch(json(R"({"a": null, "b": 1})"), json(R"({"a": null})"))),
            R"({"b":null})");
}

bool has_null_member(const Json& value) {
  if (!value.is_object()) return false;
  for (const auto& member : value.get_object()) {
    if (member.value().is_null() || has_null_member(member.value())) return true;
  }
  return false;
}

TEST(JsonMergePatch, the_patch_between_two_documents_makes_one_of_the_other) {
  Documents documents(3);
  int made_count = 0;
  for (int i = 0; i < 10'000; ++i) {
    Json from = documents.make_container(4);
    Json to = documents.pick(2) == 0 ? documents.make_container(4) : documents.change(from, 4);
    auto patch = make_merge_patch(from, to);
    if (!patch.ok()) {
      ASSERT_TRUE(has_null_member(to)) << to_text(from) << "\n" << to_text(to);
      continue;
    }
    ++made_count;
    Json merged = apply_merge_patch(from, *patch);
    ASSERT_TRUE(json_equal(merged, to)) << to_text(from) << "\n"
                                        << to_text(to) << "\n"
                                        << to_text(*patch);
  }
  EXPECT_GT(made_count, 5'000);
}

}  // namespace
}  // namespace harmonia::workflow
