#include "scenario/runner.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "scenario/files.h"

namespace harmonia::scenario {
namespace {

constexpr std::size_t performed_max = 100'000;  // directives of a scenario, each time counted
constexpr int include_depth_max = 8;

void append(Lines& lines, Lines more) {
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

// A name, and the texts it stands for one after the other.
struct Loop {
  std::string name;  // without the brackets; empty: none
  Lines values;
};

Error usage(const std::string& form) {
  return make_error(error_code::invalid_argument, "the form of this directive is `" + form + "`");
}

bool is_name(std::string_view text) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

Result<Loop> read_loop(const std::string& directive) {
  auto words = split_words(directive, 5);
  std::size_t count = 0;
  bool named = words.size() == 4 && words[2] == "as" && is_name(words[3]);
  bool counted = words.size() == 2 || named;
  if (counted) {
    const char* end = words[1].data() + words[1].size();
    counted = std::from_chars(words[1].data(), end, count).ptr == end;
  }
  if (!counted || count == 0 || count > performed_max) return usage("loop COUNT [as NAME]");
  Loop loop{.name = named ? words[3] : "", .values = {}};
  for (std::size_t i = 0; i < count; ++i) loop.values.push_back(std::to_string(i));
  return loop;
}

// The values are words, or the items of one JSON array.
Result<Loop> read_foreach(const std::string& directive) {
  auto words = split_words(directive, 4);
  if (words.size() != 4 || words[2] != "in" || !is_name(words[1]))
    return usage("foreach NAME in VALUE...`, or `foreach NAME in [JSON,...]");
  Loop loop{.name = words[1], .values = {}};
  if (!words[3].starts_with('[')) {
    loop.values = split_words(words[3], words[3].size());
    return loop;
  }
  TRY(Json list, parse_json(words[3]));
  for (const Json& item : list.get_array()) {
    loop.values.push_back(item.is_string() ? std::string(text_view(item.get_string()))
                                           : to_text(item));
  }
  return loop;
}

// Does blocks one after the other, as often as loops say.
class Player {
 public:
  explicit Player(World& world) : world_(world) {}

  // What the block at `next` prints, with all that belongs to it; `next` is then behind it.
  Result<Lines> perform(const std::vector<Block>& blocks, std::size_t& next) {
    if (++performed_ > performed_max) {
      return error_at(blocks[next], "the scenario does more than " + std::to_string(performed_max) +
                                        " directives; shorten it");
    }
    const Block& original = blocks[next];
    Block block = with_values(original);
    if (is_too_large(block))
      return error_at(original,
                      "with the values of its loops this is larger than a scenario may be");
    auto lines = dispatch(blocks, next, block);
    ++next;
    if (lines.ok() || is_placed_) return lines;
    is_placed_ = true;
    return error_at(original, lines.error().detail);
  }

 private:
  Result<Lines> dispatch(const std::vector<Block>& blocks, std::size_t& next, Block& block) {
    auto words = split_words(block.directive, 2);
    bool is_short = false;
    if (words[0] == "summary" && words.size() == 2) {
      auto inner = split_words(words[1], 2);
      is_short = inner[0] == "loop" || inner[0] == "foreach" || inner[0] == "include";
      if (is_short) {
        block.directive = words[1];
        words = inner;
      }
    }
    TRY(Lines lines, perform_word(words[0], blocks, next, block));
    return is_short ? summarise(lines) : std::move(lines);
  }

  Result<Lines> perform_word(const std::string& word, const std::vector<Block>& blocks,
                             std::size_t& next, const Block& block) {
    if (word == "include") return include(block);
    if (word != "loop" && word != "foreach") return run_directive(world_, block);
    std::size_t begin = next + 1;
    next = block.end;
    TRY(Loop loop, word == "loop" ? read_loop(block.directive) : read_foreach(block.directive));
    Lines lines;
    for (const std::string& value : loop.values) {
      values_.emplace_back("<" + loop.name + ">", value);
      auto printed = perform_all(blocks, begin, block.end);
      values_.pop_back();
      if (!printed.ok()) return printed;
      append(lines, std::move(*printed));
    }
    return lines;
  }

  Result<Lines> perform_all(const std::vector<Block>& blocks, std::size_t begin, std::size_t end) {
    Lines lines;
    while (begin < end) {
      TRY(Lines more, perform(blocks, begin));
      append(lines, std::move(more));
    }
    return lines;
  }

  // Another file as if it stood here. What it prints is expected here, because it differs from one
  // place to another.
  Result<Lines> include(const Block& block) {
    auto words = split_words(block.directive, 2);
    if (words.size() != 2) return usage("include FILE");
    if (depth_ == include_depth_max) {
      return make_error(error_code::invalid_argument, "files include each other " +
                                                          std::to_string(include_depth_max) +
                                                          " deep; does one include itself?");
    }
    std::string path = beside(*block.file, words[1]);
    TRY(std::string text, read_file(path));
    auto file = parse_scenario(text, {.file = path});
    if (file.ok()) {
      if (auto fault = find_fault(*file)) file = std::move(*fault);
    }
    if (!file.ok()) {
      is_placed_ = true;
      return std::move(file).error();
    }
    ++depth_;
    auto lines = perform_all(file->blocks, 0, file->blocks.size());
    --depth_;
    return lines;
  }

  static std::optional<Error> find_fault(const ScenarioFile& file) {
    for (const Block& block : file.blocks) {
      if (block.has_expectation) {
        return error_at(block,
                        "a file that is included expects nothing: what it prints stands after the "
                        "`include`");
      }
      if (block.directive == "uninterrupted")
        return error_at(block, "`uninterrupted` stands in the file that is run, not in this one");
    }
    return std::nullopt;
  }

  // With the values of the loops around it; the innermost one of a name counts.
  Block with_values(const Block& original) const {
    Block block = original;
    for (auto value = values_.rbegin(); value != values_.rend(); ++value) {
      replace(block.directive, *value);
      for (std::string& line : block.body) replace(line, *value);
    }
    return block;
  }

  static void replace(std::string& text, const std::pair<std::string, std::string>& value) {
    if (value.first == "<>") return;
    auto at = text.find(value.first);
    while (at != std::string::npos && text.size() <= scenario_size_max) {
      text.replace(at, value.first.size(), value.second);
      at = text.find(value.first, at + value.second.size());
    }
  }

  static bool is_too_large(const Block& block) {
    std::size_t size = block.directive.size();
    for (const std::string& line : block.body) size += line.size();
    return size > scenario_size_max;
  }

  World& world_;
  std::vector<std::pair<std::string, std::string>> values_;  // `<name>` and what stands for it
  std::size_t performed_ = 0;
  int depth_ = 0;
  bool is_placed_ = false;  // the error says where it happened
};

}  // namespace

Result<RunReport> run_scenario(const ScenarioFile& file, World& world) {
  RunReport report{.mismatches = {}, .updated = file};
  std::vector<Block>& blocks = report.updated.blocks;
  Player player(world);
  for (std::size_t next = 0; next < blocks.size();) {
    TRY(Lines lines, player.perform(blocks, next));
    // Of a loop: its `end`.
    Block& block = blocks[next - 1];
    if (lines != block.expected) {
      report.mismatches.push_back({.file = *block.file,
                                   .line = block.line,
                                   .directive = block.directive,
                                   .expected = block.expected,
                                   .actual = lines});
    }
    block.expected = std::move(lines);
    block.has_expectation = block.has_expectation || !block.expected.empty();
  }
  return report;
}

bool runs_in(const ScenarioFile& file, Mode mode) {
  if (mode != Mode::crash_each) return true;
  return std::none_of(file.blocks.begin(), file.blocks.end(),
                      [](const Block& block) { return block.directive == "uninterrupted"; });
}

}  // namespace harmonia::scenario
