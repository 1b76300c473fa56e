#include "workflow/source_map.h"

#include <algorithm>

namespace harmonia::workflow {
namespace {

// Walks the tokens of well-formed JSON.
class JsonLocator {
 public:
  explicit JsonLocator(std::string_view text) : text_(text) {}

  std::vector<SourceNode> run() {
    while (at_ < text_.size()) step();
    return std::move(nodes_);
  }

 private:
  void step() {
    switch (text_[at_]) {
      case '{':
      case '[':
        begin_value();
        open_.push_back({.node = nodes_.size() - 1, .is_object = text_[at_] == '{'});
        awaits_key_ = open_.back().is_object;
        ++at_;
        return;
      case '}':
      case ']':
        nodes_[open_.back().node].count =
            static_cast<std::uint32_t>(nodes_.size() - open_.back().node);
        open_.pop_back();
        awaits_key_ = false;
        ++at_;
        return;
      case ',':
        awaits_key_ = !open_.empty() && open_.back().is_object;
        ++at_;
        return;
      case '"': return string();
      case ':':
      case ' ':
      case '\t':
      case '\r':
      case '\n': ++at_; return;
      default:
        begin_value();
        while (at_ < text_.size() &&
               std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) {
          ++at_;
        }
        return;
    }
  }

  void string() {
    if (awaits_key_) {
      key_ = at_;
      has_key_ = true;
      awaits_key_ = false;
    } else {
      begin_value();
    }
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    ++at_;
  }

  void begin_value() {
    nodes_.push_back({.key = static_cast<std::uint32_t>(has_key_ ? key_ : at_),
                      .value = static_cast<std::uint32_t>(at_)});
    has_key_ = false;
  }

  struct Open {
    std::size_t node;
    bool is_object;
  };
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t key_ = 0;
  bool has_key_ = false;
  bool awaits_key_ = false;
  std::vector<Open> open_;
  std::vector<SourceNode> nodes_;
};

std::string unescape(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    bool escaped = token[i] == '~' && i + 1 < token.size();
    text += escaped ? (token[++i] == '1' ? '/' : '~') : token[i];
  }
  return text;
}

// The position of a child among the members or items of its parent.
std::optional<std::size_t> child_index(const Json& parent, const std::string& token,
                                       const Json*& child) {
  if (parent.is_object()) {
    const JsonObject& object = parent.get_object();
    auto found = object.find(json_view(token));
    if (found == object.end()) return std::nullopt;
    child = &found->value();
    return static_cast<std::size_t>(found - object.begin());
  }
  if (!parent.is_array() || token.empty() || token.size() > 9) return std::nullopt;
  std::size_t index = 0;
  for (char c : token) {
    if (c < '0' || c > '9') return std::nullopt;
    index = index * 10 + static_cast<std::size_t>(c - '0');
  }
  if (index >= parent.get_array().size()) return std::nullopt;
  child = &parent.get_array()[index];
  return index;
}

std::size_t utf8_length_of_escape(std::string_view digits) {
  unsigned long value = 0;
  for (char c : digits) {
    value = value * 16 + static_cast<unsigned long>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  if (value < 0x80) return 1;
  if (value < 0x800) return 2;
  bool surrogate = value >= 0xd800 && value < 0xe000;  // half of a pair that makes four bytes
  return surrogate ? 2 : value < 0x10000 ? 3 : 4;
}

// Steps over one character of a double-quoted string (JSON's or YAML's): how many bytes it takes in
// the text and how many when decoded.
struct QuotedStep {
  std::size_t written = 1;
  std::size_t decoded = 1;
};

QuotedStep quoted_step(std::string_view rest) {
  if (rest[0] != '\\' || rest.size() < 2) return {};
  std::size_t digits = rest[1] == 'x' ? 2 : rest[1] == 'u' ? 4 : rest[1] == 'U' ? 8 : 0;
  if (digits == 0) return {.written = 2, .decoded = 1};
  return {.written = 2 + digits, .decoded = utf8_length_of_escape(rest.substr(2, digits))};
}

}  // namespace

std::vector<SourceNode> locate_json(std::string_view text) { return JsonLocator(text).run(); }

SourceMap::SourceMap(std::string_view text, const Json& document,
                     const std::vector<SourceNode>& nodes)
    : text_(text), document_(document), nodes_(nodes) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') line_starts_.push_back(i + 1);
  }
}

TextPosition SourceMap::position(std::size_t offset) const {
  auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  auto line = static_cast<std::size_t>(after - line_starts_.begin());
  return {.line = static_cast<int>(line),
          .column = static_cast<int>(offset - line_starts_[line - 1]) + 1};
}

TextPosition SourceMap::find(std::string_view pointer, const SourceSpot& spot) const {
  if (nodes_.empty()) return {.line = 0, .column = 0};
  const Json* value = &document_;
  std::size_t node = 0;
  bool complete = true;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    std::size_t end = std::min(pointer.find('/'), pointer.size());
    auto index = child_index(*value, unescape(pointer.substr(0, end)), value);
    if (!index) {
      complete = false;
      break;
    }
    pointer.remove_prefix(end);
    std::size_t child = node + 1;
    for (std::size_t i = 0; i < *index && child < nodes_.size(); ++i) child += nodes_[child].count;
    if (child >= nodes_.size()) break;
    node = child;
  }
  if (spot.at_key && complete) return position(nodes_[node].key);
  std::size_t offset = nodes_[node].value;
  if (complete && spot.offset && value->is_string()) {
    offset = offset_inside(offset, text_view(value->get_string()), *spot.offset);
  }
  return position(std::min(offset, text_.size()));
}

// Where byte `offset` of a string that starts at `start` stands in the text. Where that can't be
// told, the start.
std::size_t SourceMap::offset_inside(std::size_t start, std::string_view decoded,
                                     std::size_t offset) const {
  if (start >= text_.size()) return start;
  char style = text_[start];
  if (style == '"' || style == '\'') {
    std::size_t at = start + 1;
    std::size_t seen = 0;
    while (seen < offset && at < text_.size()) {
      if (text_[at] == '\n') return start;  // folded lines
      QuotedStep step = style == '"' ? quoted_step(text_.substr(at)) : QuotedStep{};
      if (style == '\'' && text_.substr(at).starts_with("''")) step.written = 2;
      at += step.written;
      seen += step.decoded;
    }
    return std::min(at, text_.size());
  }
  // Plain and block scalars: the line of the string stands in the text as it is.
  std::size_t line_start = 0;
  if (offset > 0) {
    std::size_t newline = decoded.rfind('\n', offset - 1);
    if (newline != std::string_view::npos) line_start = newline + 1;
  }
  std::size_t line_end = std::min(decoded.find('\n', line_start), decoded.size());
  std::size_t found = text_.find(decoded.substr(line_start, line_end - line_start), start);
  return found == std::string_view::npos ? start : found + (offset - line_start);
}

}  // namespace harmonia::workflow
