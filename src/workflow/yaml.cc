#include "workflow/yaml.h"

#include <sstream>
#include <unordered_map>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/utf8.h"
#include "workflow/yaml_scalar.h"

// The adapter of yaml-cpp. It uses the parser's events instead of its nodes: limits hold while
// reading, aliases are counted before they are copied, and a document costs a fraction of the
// memory.
namespace harmonia::workflow {
namespace {

constexpr std::string_view core_tag = "tag:yaml.org,2002:";

bool is_core_tag(std::string_view tag, std::string_view kind) {
  return tag.starts_with(core_tag) && tag.substr(core_tag.size()) == kind;
}

struct YamlFault {
  std::size_t offset = 0;
  std::string message;
  std::string hint;
};

Error malformed(std::string_view text, const YamlFault& fault) {
  TextPosition position = position_at(text, fault.offset);
  Error error = make_error(error_code::malformed_yaml,
                           "YAML, line " + std::to_string(position.line) + ", column " +
                               std::to_string(position.column) + ": " + fault.message);
  error.problems.push_back({.message = fault.message,
                            .hint = fault.hint,
                            .line = position.line,
                            .column = position.column});
  return error;
}

// Turns events into JSON. After the first fault it ignores what follows.
class JsonBuilder final : public YAML::EventHandler {
 public:
  JsonBuilder(const ParseLimits& limits, std::istream& text) : limits_(limits), text_(text) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    scalar(mark, "?", anchor, "");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    scalar(mark, tag, anchor, text);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, false);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, true);
  }
  void OnMapEnd() override { close(); }

  const std::optional<YamlFault>& fault() const { return fault_; }
  YamlDocument take() { return {.value = std::move(root_), .nodes = std::move(nodes_)}; }

 private:
  struct Frame {
    bool is_map = false;
    JsonObject object;
    JsonArray array;
    std::optional<std::string> key;
    std::size_t key_offset = 0;
    std::size_t node = 0;  // in nodes_
    std::size_t bytes_before = 0;
    std::size_t height = 1;  // levels of this value and what is in it
    YAML::anchor_t anchor = 0;
  };
  // A value that aliases may repeat.
  struct Anchored {
    Json value;
    std::vector<SourceNode> nodes;
    std::size_t bytes = 0;
    std::size_t height = 0;
  };

  void fail(std::size_t offset, std::string message, std::string hint = {}) {
    if (!fault_) fault_ = YamlFault{offset, std::move(message), std::move(hint)};
    text_.setstate(std::ios::eofbit);  // the parser need not read on
  }
  static std::size_t offset_of(const YAML::Mark& mark) {
    return static_cast<std::size_t>(std::max(mark.pos, 0));
  }
  bool awaits_key() const {
    return !frames_.empty() && frames_.back().is_map && !frames_.back().key;
  }

  void scalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
              const std::string& text);
  void key(const YAML::Mark& mark, const std::string& tag, const std::string& text);
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, bool is_map);
  void close();
  void add(Json value, std::size_t height);
  std::optional<Json> type_scalar(std::size_t offset, const std::string& tag,
                                  const std::string& text);
  bool begin_value(std::size_t offset, std::size_t bytes);
  void remember(YAML::anchor_t anchor, Anchored anchored);

  const ParseLimits& limits_;
  std::istream& text_;
  Json root_;
  std::vector<SourceNode> nodes_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Anchored> anchored_;
  std::size_t anchored_nodes_ = 0;
  std::size_t bytes_ = 0;  // of text, after aliases are expanded
  std::optional<YamlFault> fault_;
};

// Notes the place of the next value; false when a limit is reached.
bool JsonBuilder::begin_value(std::size_t offset, std::size_t bytes) {
  bytes_ += bytes;
  if (nodes_.size() >= limits_.nodes_max) {
    fail(offset, "the document has more than " + std::to_string(limits_.nodes_max) + " values");
    return false;
  }
  if (bytes_ > 2 * limits_.size_max) {
    fail(offset, "the document's aliases expand to too much text");
    return false;
  }
  bool named = !frames_.empty() && frames_.back().is_map;
  nodes_.push_back({.key = static_cast<std::uint32_t>(named ? frames_.back().key_offset : offset),
                    .value = static_cast<std::uint32_t>(offset)});
  return true;
}

void JsonBuilder::key(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
  Frame& frame = frames_.back();
  std::size_t offset = offset_of(mark);
  if (tag == "?" && text == "<<") {
    return fail(offset, "the merge key << is not supported",
                "write the fields out, or use an alias as a value");
  }
  if (frame.object.contains(text))
    return fail(offset, "the key '" + text + "' stands twice in its map");
  frame.key = text;
  frame.key_offset = offset;
  bytes_ += text.size();
}

void JsonBuilder::scalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         const std::string& text) {
  if (fault_) return;
  if (awaits_key()) return key(mark, tag, text);
  std::size_t offset = offset_of(mark);
  auto value = type_scalar(offset, tag, text);
  if (!value || !begin_value(offset, text.size())) return;
  if (anchor != 0) {
    remember(anchor,
             {.value = *value, .nodes = {nodes_.back()}, .bytes = text.size(), .height = 0});
  }
  add(std::move(*value), 0);
}

std::optional<Json> JsonBuilder::type_scalar(std::size_t offset, const std::string& tag,
                                             const std::string& text) {
  if (tag == "!" || is_core_tag(tag, "str")) return Json(json_view(text));
  bool tagged = tag.starts_with(core_tag);
  std::string kind = tagged ? tag.substr(core_tag.size()) : "";
  bool known = tag.empty() || tag == "?" || kind == "int" || kind == "float" || kind == "bool" ||
               kind == "null";
  if (!known) {
    fail(offset, "the tag " + tag + " is not supported");
    return std::nullopt;
  }
  auto value = type_plain_scalar(text);
  if (!value) {
    fail(offset, "the number " + text + " has no form in JSON", "put it in quotes to make it text");
    return std::nullopt;
  }
  bool fits = !tagged || (kind == "int" && (value->is_int64() || value->is_uint64())) ||
              (kind == "float" && value->is_number()) || (kind == "bool" && value->is_bool()) ||
              (kind == "null" && value->is_null());
  if (!fits) {
    fail(offset, "'" + text + "' is no " + kind);
    return std::nullopt;
  }
  if (kind == "float") return Json(value->to_number<double>());
  return value;
}

void JsonBuilder::open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       bool is_map) {
  if (fault_) return;
  std::size_t offset = offset_of(mark);
  bool usual = tag.empty() || tag == "?" || tag == "!" || is_core_tag(tag, is_map ? "map" : "seq");
  if (!usual) {
    return fail(offset, "the tag " + tag + " is not supported");
  }
  if (awaits_key())
    return fail(offset, "a key must be text, not a list or a map", "put it in quotes");
  if (frames_.size() >= limits_.depth_max) {
    return fail(offset,
                "lists and maps nest deeper than " + std::to_string(limits_.depth_max) + " levels");
  }
  std::size_t bytes_before = bytes_;
  if (!begin_value(offset, 0)) return;
  Frame& frame = frames_.emplace_back();
  frame.is_map = is_map;
  frame.node = nodes_.size() - 1;
  frame.bytes_before = bytes_before;
  frame.anchor = anchor;
}

void JsonBuilder::close() {
  if (fault_) return;
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  nodes_[frame.node].count = static_cast<std::uint32_t>(nodes_.size() - frame.node);
  Json value = frame.is_map ? Json(std::move(frame.object)) : Json(std::move(frame.array));
  if (frame.anchor != 0) {
    auto first = nodes_.begin() + static_cast<std::ptrdiff_t>(frame.node);
    remember(frame.anchor, {.value = value,
                            .nodes = {first, nodes_.end()},
                            .bytes = bytes_ - frame.bytes_before,
                            .height = frame.height});
  }
  add(std::move(value), frame.height);
}

void JsonBuilder::add(Json value, std::size_t height) {
  if (frames_.empty()) {
    root_ = std::move(value);
    return;
  }
  Frame& parent = frames_.back();
  parent.height = std::max(parent.height, height + 1);
  if (!parent.is_map) {
    parent.array.push_back(std::move(value));
    return;
  }
  parent.object.emplace(*parent.key, std::move(value));
  parent.key.reset();
}

void JsonBuilder::remember(YAML::anchor_t anchor, Anchored anchored) {
  anchored_nodes_ += anchored.nodes.size();
  if (anchored_nodes_ > limits_.nodes_max) {
    return fail(anchored.nodes.front().value, "the document's anchors hold too many values");
  }
  anchored_[anchor] = std::move(anchored);
}

void JsonBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (fault_) return;
  std::size_t offset = offset_of(mark);
  auto found = anchored_.find(anchor);
  if (found == anchored_.end()) return fail(offset, "the alias stands within the value it names");
  const Anchored& anchored = found->second;
  if (awaits_key()) return fail(offset, "an alias can't be a key");
  if (nodes_.size() + anchored.nodes.size() > limits_.nodes_max) {
    return fail(offset, "with its aliases expanded the document has more than " +
                            std::to_string(limits_.nodes_max) + " values");
  }
  if (frames_.size() + anchored.height > limits_.depth_max) {
    return fail(offset, "with its aliases expanded the document nests deeper than " +
                            std::to_string(limits_.depth_max) + " levels");
  }
  if (!begin_value(offset, anchored.bytes)) return;
  nodes_.back().count = anchored.nodes.front().count;
  nodes_.insert(nodes_.end(), anchored.nodes.begin() + 1, anchored.nodes.end());
  add(anchored.value, anchored.height);
}

// What yaml-cpp would misread or not survive: it takes the byte 4 for the end of the text, does not
// check UTF-8, and holds all tokens of an outermost [...] or {...} in memory at once.
std::optional<YamlFault> find_unreadable(std::string_view text, const ParseLimits& limits) {
  if (auto offset = find_invalid_utf8(text)) {
    return YamlFault{*offset, "the text is not valid UTF-8", ""};
  }
  std::size_t separators = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    separators += c == ',' || c == '[' || c == '{';
    if (separators > 2 * limits.nodes_max) {
      return YamlFault{i, "the text has too many commas and brackets",
                       "keep large data out of definitions"};
    }
    bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
    if (control) {
      return YamlFault{i, "the text holds a control character (code " + std::to_string(c) + ")",
                       "in quotes it can be written as an escape such as \"\\x04\""};
    }
  }
  return std::nullopt;
}

// Only learns where a further document begins.
class SecondDocument final : public YAML::EventHandler {
 public:
  std::size_t offset = 0;

  void OnDocumentStart(const YAML::Mark& mark) override {
    offset = static_cast<std::size_t>(mark.pos);
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

struct ParserOutcome {
  std::optional<YamlFault> fault;
  YamlDocument document;
};

ParserOutcome run_parser(std::string_view text, const ParseLimits& limits) {
  std::istringstream stream{std::string(text)};
  JsonBuilder builder(limits, stream);
  auto failed = [&](YamlFault fault) {
    return ParserOutcome{.fault = builder.fault() ? *builder.fault() : std::move(fault),
                         .document = {}};
  };
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return failed({0, "the text is empty", ""});
    if (builder.fault()) return failed({});
    SecondDocument rest;
    if (parser && parser.HandleNextDocument(rest)) {
      return failed(
          {rest.offset, "there is a second document", "put each workflow in a file of its own"});
    }
    return {.fault = std::nullopt, .document = builder.take()};
  } catch (const YAML::Exception& failure) {
    std::string message = failure.msg.empty() ? "the text can't be read" : failure.msg;
    if (message == "bad file") message = "lists and maps nest too deeply";
    return failed(
        {static_cast<std::size_t>(std::max(failure.mark.pos, 0)), std::move(message), ""});
  }
}

}  // namespace

Result<YamlDocument> read_yaml(std::string_view text, const ParseLimits& limits) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.size() > limits.size_max) {
    return make_error(error_code::payload_too_large,
                      "the YAML text has " + std::to_string(text.size()) +
                          " bytes, more than the limit of " + std::to_string(limits.size_max));
  }
  if (auto fault = find_unreadable(text, limits)) return malformed(text, *fault);
  ParserOutcome outcome = run_parser(text, limits);
  if (outcome.fault) return malformed(text, *outcome.fault);
  return std::move(outcome.document);
}

Result<Json> parse_yaml(std::string_view text, const ParseLimits& limits) {
  TRY(auto document, read_yaml(text, limits));
  return std::move(document.value);
}

}  // namespace harmonia::workflow
