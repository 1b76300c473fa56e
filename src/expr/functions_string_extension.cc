#include <algorithm>

#include "base/utf8.h"
#include "expr/evaluation.h"
#include "expr/function.h"
#include "expr/search_cost.h"
#include "expr/text.h"

// The strings extension (google/cel-go, ext/README.md), but for format(). Positions count code
// points.
namespace harmonia::expr {
namespace {

bool charge(Evaluation& evaluation, const Value& text) {
  return evaluation.spend(text.aux / 64 + 1);
}

Value bad_position(Evaluation& evaluation, std::int64_t position, const Value& text) {
  return evaluation.fail("position " + std::to_string(position) + " is outside of a string of " +
                         std::to_string(count_code_points(text.view())) + " characters");
}

// The byte offset of a position from 0 to the length of the text.
std::optional<std::size_t> offset_of(const Value& text, std::int64_t position) {
  if (position < 0) return std::nullopt;
  return byte_offset(text.view(), static_cast<std::size_t>(position));
}

Value char_at(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::string) || !a[1].is(Kind::int64)) return evaluation.fail_overload("charAt", a);
  if (!charge(evaluation, a[0])) return evaluation.out_of_budget();
  auto begin = offset_of(a[0], a[1].int64);
  if (!begin) return bad_position(evaluation, a[1].int64, a[0]);
  std::size_t end = *begin;
  if (end < a[0].aux) next_code_point(a[0].view(), end);
  return string_value(a[0].view().substr(*begin, end - *begin));
}

Value find_position(Evaluation& evaluation, Arguments a, bool last) {
  bool typed =
      a[0].is(Kind::string) && a[1].is(Kind::string) && (a.size() == 2 || a[2].is(Kind::int64));
  if (!typed) return evaluation.fail_overload(last ? "lastIndexOf" : "indexOf", a);
  if (!spend_search(evaluation, a[0].view(), a[1].view())) return evaluation.out_of_budget();
  std::size_t start = last ? a[0].aux : 0;
  if (a.size() == 3) {
    auto offset = offset_of(a[0], a[2].int64);
    if (!offset) return bad_position(evaluation, a[2].int64, a[0]);
    start = *offset;
  }
  std::size_t found =
      last ? a[0].view().rfind(a[1].view(), start) : a[0].view().find(a[1].view(), start);
  if (found == std::string_view::npos) return int_value(-1);
  return int_value(static_cast<std::int64_t>(count_code_points(a[0].view().substr(0, found))));
}

Value index_of(Evaluation& evaluation, Arguments a) { return find_position(evaluation, a, false); }
Value last_index_of(Evaluation& evaluation, Arguments a) {
  return find_position(evaluation, a, true);
}

Value substring(Evaluation& evaluation, Arguments a) {
  bool typed =
      a[0].is(Kind::string) && a[1].is(Kind::int64) && (a.size() == 2 || a[2].is(Kind::int64));
  if (!typed) return evaluation.fail_overload("substring", a);
  if (!charge(evaluation, a[0])) return evaluation.out_of_budget();
  auto begin = offset_of(a[0], a[1].int64);
  if (!begin) return bad_position(evaluation, a[1].int64, a[0]);
  if (a.size() == 2) return string_value(a[0].view().substr(*begin));
  auto end = offset_of(a[0], a[2].int64);
  if (!end) return bad_position(evaluation, a[2].int64, a[0]);
  if (*end < *begin) return evaluation.fail("substring() ends before it starts");
  return string_value(a[0].view().substr(*begin, *end - *begin));
}

Value change_case(Evaluation& evaluation, Arguments a, bool upper) {
  if (!a[0].is(Kind::string))
    return evaluation.fail_overload(upper ? "upperAscii" : "lowerAscii", a);
  if (!charge(evaluation, a[0])) return evaluation.out_of_budget();
  char first = upper ? 'a' : 'A';
  std::string text(a[0].view());
  for (char& c : text) {
    if (c >= first && c < first + 26) c = static_cast<char>(c ^ 0x20);
  }
  return evaluation.make_string(text);
}

Value upper_ascii(Evaluation& evaluation, Arguments a) { return change_case(evaluation, a, true); }
Value lower_ascii(Evaluation& evaluation, Arguments a) { return change_case(evaluation, a, false); }

// What a count means: negative is no limit.
std::size_t limit_of(Arguments a, std::size_t index) {
  if (a.size() <= index || a[index].int64 < 0) return static_cast<std::size_t>(-1);
  return static_cast<std::size_t>(a[index].int64);
}

// Where `part` is found next; an empty part is found before every code point and at the end.
std::size_t next_match(std::string_view text, std::string_view part, std::size_t from) {
  return part.empty() ? from : text.find(part, from);
}

Value replace(Evaluation& evaluation, Arguments a) {
  bool typed = a[0].is(Kind::string) && a[1].is(Kind::string) && a[2].is(Kind::string) &&
               (a.size() == 3 || a[3].is(Kind::int64));
  if (!typed) return evaluation.fail_overload("replace", a);
  if (!spend_search(evaluation, a[0].view(), a[1].view())) return evaluation.out_of_budget();
  std::string_view text = a[0].view();
  std::string_view part = a[1].view();
  std::string out;
  std::size_t copied = 0;
  std::size_t from = 0;
  for (std::size_t left = limit_of(a, 3); left > 0; --left) {
    std::size_t found = next_match(text, part, from);
    if (found == std::string_view::npos || found > text.size()) break;
    out.append(text.substr(copied, found - copied)).append(a[2].view());
    if (!evaluation.has_room(out.size())) return evaluation.make_string(out);
    copied = found + part.size();
    from = copied;
    if (part.empty()) {
      if (from >= text.size()) break;
      next_code_point(text, from);
    }
    // Each replacement may make the text longer.
    if (!evaluation.spend(1 + a[2].aux / 64)) return evaluation.out_of_budget();
  }
  out.append(text.substr(copied));
  return evaluation.make_string(out);
}

Value split(Evaluation& evaluation, Arguments a) {
  bool typed =
      a[0].is(Kind::string) && a[1].is(Kind::string) && (a.size() == 2 || a[2].is(Kind::int64));
  if (!typed) return evaluation.fail_overload("split", a);
  if (!spend_search(evaluation, a[0].view(), a[1].view())) return evaluation.out_of_budget();
  std::string_view rest = a[0].view();
  std::string_view separator = a[1].view();
  std::vector<Value> parts;
  std::size_t limit = limit_of(a, 2);
  if (limit == 0 || (separator.empty() && rest.empty())) return evaluation.make_list(parts);
  while (parts.size() + 1 < limit) {
    if (!evaluation.spend(1)) return evaluation.out_of_budget();
    std::size_t end = 0;
    if (separator.empty()) {
      next_code_point(rest, end);
      if (end >= rest.size()) break;
    } else {
      end = rest.find(separator);
      if (end == std::string_view::npos) break;
    }
    parts.push_back(string_value(rest.substr(0, end)));
    rest.remove_prefix(end + separator.size());
  }
  parts.push_back(string_value(rest));
  return evaluation.make_list(parts);
}

Value trim(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::string)) return evaluation.fail_overload("trim", a);
  if (!charge(evaluation, a[0])) return evaluation.out_of_budget();
  std::string_view text = a[0].view();
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t at = i;
    if (is_white_space(next_code_point(text, i))) continue;
    begin = std::min(begin, at);
    end = i;
  }
  return string_value(begin < end ? text.substr(begin, end - begin) : std::string_view(""));
}

Value join(Evaluation& evaluation, Arguments a) {
  bool typed = a[0].is(Kind::list) && (a.size() == 1 || a[1].is(Kind::string));
  if (!typed) return evaluation.fail_overload("join", a);
  std::string out;
  for (std::size_t i = 0; i < list_size(a[0]); ++i) {
    Value item = list_item(a[0], i);
    if (!item.is(Kind::string)) {
      return evaluation.fail("join() needs a list of strings, but item " + std::to_string(i) +
                             " is " + std::string(kind_phrase(item)) +
                             "; use list.map(x, string(x)).join()");
    }
    std::size_t added = item.aux + (a.size() == 2 ? a[1].aux : 0);
    // Reserved here and once more when the string is made: a text joined must not outgrow the
    // budget first.
    if (!evaluation.spend(1 + added / 64) || !evaluation.reserve(added))
      return evaluation.out_of_budget();
    if (i > 0 && a.size() == 2) out += a[1].view();
    out += item.view();
  }
  return evaluation.make_string(out);
}

// Of strings here, of lists as the lists extension has it.
Value reverse(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::list)) {
    std::vector<Value> items;
    if (!evaluation.spend(list_size(a[0]))) return evaluation.out_of_budget();
    for (std::size_t i = list_size(a[0]); i > 0; --i) items.push_back(list_item(a[0], i - 1));
    return evaluation.make_list(items);
  }
  if (!a[0].is(Kind::string)) return evaluation.fail_overload("reverse", a);
  if (!charge(evaluation, a[0])) return evaluation.out_of_budget();
  std::string_view text = a[0].view();
  std::string out(text.size(), '\0');
  for (std::size_t i = 0; i < text.size();) {
    std::size_t at = i;
    next_code_point(text, i);
    std::copy(text.begin() + static_cast<std::ptrdiff_t>(at),
              text.begin() + static_cast<std::ptrdiff_t>(i),
              out.end() - static_cast<std::ptrdiff_t>(i));
  }
  return evaluation.make_string(out);
}

// The letter of the escape of a character, or '\0'.
char escape_letter(std::uint32_t c) {
  constexpr std::string_view letters = "abtnvfr";  // for \a (7) to \r (13)
  if (c >= 7 && c <= 13) return letters[c - 7];
  return c == '"' || c == '\\' ? static_cast<char>(c) : '\0';
}

Value quote(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::string)) return evaluation.fail_overload("strings.quote", a);
  if (!charge(evaluation, a[0])) return evaluation.out_of_budget();
  std::string out = "\"";
  for (std::size_t i = 0; i < a[0].aux;) {
    std::uint32_t c = next_code_point(a[0].view(), i);
    if (char letter = escape_letter(c)) {
      out += '\\';
      out += letter;
    } else {
      append_utf8(out, c);
    }
  }
  return evaluation.make_string(out + "\"");
}

constexpr Function functions[] = {
    {"charAt", true, 2, 2, char_at},
    {"indexOf", true, 2, 3, index_of},
    {"lastIndexOf", true, 2, 3, last_index_of},
    {"substring", true, 2, 3, substring},
    {"upperAscii", true, 1, 1, upper_ascii},
    {"lowerAscii", true, 1, 1, lower_ascii},
    {"replace", true, 3, 4, replace},
    {"split", true, 2, 3, split},
    {"trim", true, 1, 1, trim},
    {"join", true, 1, 2, join},
    {"reverse", true, 1, 1, reverse},
    {"strings.quote", false, 1, 1, quote},
};

}  // namespace

std::span<const Function> string_extension_functions() { return functions; }

}  // namespace harmonia::expr
