#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "expr/evaluation.h"
#include "expr/function.h"
#include "expr/text.h"
#include "expr/time_value.h"

// "...".format(list): %s %d %f %e %b %o %x %X %% (google/cel-spec, doc/extensions/strings.md).
namespace harmonia::expr {
namespace {

constexpr int precision_default = 6;
constexpr int precision_max = 300;

// One clause of a format, such as %.3f.
struct Clause {
  char verb = '\0';
  int precision = precision_default;
};

class Formatter {
 public:
  Formatter(Evaluation& evaluation, std::string_view format, const Value& arguments)
      : evaluation_(evaluation), format_(format), arguments_(arguments) {}

  Value run() {
    while (offset_ < format_.size() && problem_.empty()) {
      std::size_t percent = std::min(format_.find('%', offset_), format_.size());
      append(format_.substr(offset_, percent - offset_));
      offset_ = percent + 1;
      if (percent < format_.size()) clause();
    }
    if (!evaluation_.in_budget()) return evaluation_.out_of_budget();
    if (!problem_.empty()) return evaluation_.fail(std::move(problem_));
    return evaluation_.make_string(out_);
  }

 private:
  void append(std::string_view text) {
    // What is built is charged as it grows, because a value may repeat parts of itself without end.
    if (!evaluation_.spend(1 + text.size() / 64) || !evaluation_.reserve(text.size())) {
      fail("the text is too long");
    } else {
      out_ += text;
    }
  }
  void fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  void mismatch(const Value& value, const Clause& clause) {
    fail("format(): %" + std::string(1, clause.verb) + " can't print " +
         std::string(kind_phrase(value)));
  }

  void clause() {
    if (offset_ < format_.size() && format_[offset_] == '%') {
      ++offset_;
      return append("%");
    }
    Clause clause;
    if (!read_precision(clause)) return;
    if (offset_ >= format_.size()) return fail("format(): the text ends after a '%'");
    clause.verb = format_[offset_++];
    if (std::string_view("sdfebxXo").find(clause.verb) == std::string_view::npos) {
      return fail("format(): unknown clause '%" + std::string(1, clause.verb) + "'");
    }
    if (next_ >= list_size(arguments_))
      return fail("format(): there are fewer values than clauses");
    print(list_item(arguments_, next_++), clause);
  }

  bool read_precision(Clause& clause) {
    if (offset_ >= format_.size() || format_[offset_] != '.') return true;
    const char* begin = format_.data() + offset_ + 1;
    const char* end = format_.data() + format_.size();
    auto [rest, status] = std::from_chars(begin, end, clause.precision);
    if (status != std::errc{} || clause.precision < 0 || clause.precision > precision_max) {
      fail("format(): a precision is a number from 0 to " + std::to_string(precision_max));
      return false;
    }
    offset_ = static_cast<std::size_t>(rest - format_.data());
    return true;
  }

  void print(const Value& value, const Clause& clause) {
    switch (clause.verb) {
      case 's': return print_any(value, clause);
      case 'd': return value.is_number() ? print_any(value, clause) : mismatch(value, clause);
      case 'f':
      case 'e': return print_real(value, clause);
      case 'b': return print_integer(value, clause, 2);
      case 'o': return print_integer(value, clause, 8);
      default: return print_hexadecimal(value, clause);
    }
  }

  void print_any(const Value& value, const Clause& clause) {
    switch (value.kind) {
      case Kind::null: return append("null");
      case Kind::boolean: return append(value.boolean ? "true" : "false");
      case Kind::int64: return append(std::to_string(value.int64));
      case Kind::uint64: return append(std::to_string(value.uint64));
      case Kind::float64: return append(plain_double_text(value.float64));
      case Kind::string:
      case Kind::type: return append(value.view());
      case Kind::bytes: return append(repaired_utf8(value.view()));
      case Kind::timestamp: return append(timestamp_text(value));
      case Kind::duration: return append(duration_text(value));
      case Kind::list: return print_list(value, clause);
      case Kind::map: return print_map(value, clause);
      case Kind::optional:
      case Kind::error: return mismatch(value, clause);
    }
  }

  void print_list(const Value& list, const Clause& clause) {
    append("[");
    for (std::size_t i = 0; i < list_size(list) && problem_.empty(); ++i) {
      if (i > 0) append(", ");
      print_any(list_item(list, i), clause);
    }
    append("]");
  }

  // In the order of the keys' text.
  void print_map(const Value& map, const Clause& clause) {
    std::vector<std::pair<std::string, Value>> entries;
    for (const Value& key : evaluation_.keys(map)) {
      std::string before = std::move(out_);
      out_.clear();
      print_any(key, clause);
      entries.emplace_back(std::move(out_), evaluation_.find(map, key).value_or(null_value()));
      out_ = std::move(before);
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    append("{");
    for (std::size_t i = 0; i < entries.size() && problem_.empty(); ++i) {
      if (i > 0) append(", ");
      append(entries[i].first);
      append(": ");
      print_any(entries[i].second, clause);
    }
    append("}");
  }

  void print_real(const Value& value, const Clause& clause) {
    if (!value.is_number()) return mismatch(value, clause);
    double number = value.float64;
    if (value.is(Kind::int64)) number = static_cast<double>(value.int64);
    if (value.is(Kind::uint64)) number = static_cast<double>(value.uint64);
    if (!std::isfinite(number)) return append(plain_double_text(number));
    std::array<char, 310 + precision_max + 8> buffer{};
    auto format = clause.verb == 'f' ? std::chars_format::fixed : std::chars_format::scientific;
    auto [end, _] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format,
                                  clause.precision);
    append({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
  }

  void print_integer(const Value& value, const Clause& clause, int base) {
    std::array<char, 72> buffer{};
    char* end = buffer.data();
    if (value.is(Kind::int64)) {
      end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.int64, base).ptr;
    } else if (value.is(Kind::uint64)) {
      end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.uint64, base).ptr;
    } else if (value.is(Kind::boolean) && base == 2) {
      return append(value.boolean ? "1" : "0");
    } else {
      return mismatch(value, clause);
    }
    if (clause.verb == 'X') {
      std::transform(buffer.data(), end, buffer.data(),
                     [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 0x20) : c; });
    }
    append({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
  }

  void print_hexadecimal(const Value& value, const Clause& clause) {
    if (!value.is(Kind::string) && !value.is(Kind::bytes)) return print_integer(value, clause, 16);
    if (!evaluation_.has_room(std::size_t{2} * value.aux)) return fail("the text is too long");
    std::string_view digits = clause.verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string text;
    for (char c : value.view()) {
      auto byte = static_cast<unsigned char>(c);
      text += digits[byte >> 4];
      text += digits[byte & 15];
    }
    append(text);
  }

  Evaluation& evaluation_;
  std::string_view format_;
  const Value& arguments_;
  std::string out_;
  std::string problem_;
  std::size_t offset_ = 0;
  std::size_t next_ = 0;
};

Value format(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::string) || !a[1].is(Kind::list)) return evaluation.fail_overload("format", a);
  return Formatter(evaluation, a[0].view(), a[1]).run();
}

constexpr Function functions[] = {{"format", true, 2, 2, format}};

}  // namespace

std::span<const Function> format_functions() { return functions; }

}  // namespace harmonia::expr
