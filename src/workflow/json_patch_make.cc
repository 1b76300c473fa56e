#include <algorithm>
#include <span>

#include "workflow/edit_script.h"
#include "workflow/json_patch.h"
#include "workflow/json_patch_cost.h"

namespace harmonia::workflow {
namespace {

// Comparisons of array items in all edit scripts of a patch.
constexpr std::size_t script_steps_max = 20'000'000;
// What applying a patch may move: half of what apply_patch allows.
constexpr std::uint64_t moved_max = PatchLimits().moved_max / 2;

// Gives equal items the same number.
class ItemNumbers {
 public:
  std::vector<std::uint32_t> of(std::span<const Json> items) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(items.size());
    for (const Json& item : items) numbers.push_back(of(item));
    return numbers;
  }

 private:
  struct Numbered {
    const Json* item;
    std::uint32_t number;
  };
  // Items made to have one hash would be compared with each other: beyond this they only cost a
  // longer patch.
  static constexpr std::size_t bucket_size_max = 8;

  std::uint32_t of(const Json& item) {
    auto& bucket = by_hash_[json_hash(item)];
    for (const Numbered& known : bucket) {
      if (json_equal(*known.item, item)) return known.number;
    }
    std::uint32_t number = next_++;
    if (bucket.size() < bucket_size_max) bucket.push_back({&item, number});
    return number;
  }

  std::unordered_map<std::uint64_t, std::vector<Numbered>> by_hash_;
  std::uint32_t next_ = 0;
};

class PatchMaker {
 public:
  JsonArray run(const Json& from, const Json& to) {
    compare(from, to);
    return std::move(operations_);
  }

 private:
  // The path of a child for as long as it lives.
  class Descent {
   public:
    Descent(PatchMaker& maker, std::string_view token) : path_(maker.path_), length_(path_.size()) {
      path_.append("/").append(escape_pointer_token(token));
    }
    Descent(PatchMaker& maker, std::size_t index) : Descent(maker, std::to_string(index)) {}
    Descent(const Descent&) = delete;
    Descent& operator=(const Descent&) = delete;
    ~Descent() { path_.resize(length_); }

   private:
    std::string& path_;
    std::size_t length_;
  };

  // Adds what turns `from` into `to`. True when anything of `from` stays.
  bool compare(const Json& from, const Json& to) {
    if (from.is_object() && to.is_object()) return compare_objects(from, to);
    if (from.is_array() && to.is_array()) return compare_arrays(from, to);
    if (json_equal(from, to)) return true;
    add("replace", &to);
    return false;
  }

  bool compare_objects(const Json& from, const Json& to) {
    const JsonObject& before = from.get_object();
    const JsonObject& after = to.get_object();
    std::size_t mark = operations_.size();
    bool kept = before.empty() && after.empty();
    std::uint64_t cost = 0;
    for (const auto& member : before) {
      Descent descent(*this, text_view(member.key()));
      if (const Json* other = after.if_contains(member.key())) {
        kept = compare(member.value(), *other) || kept;
      } else {
        cost += patch::removal_cost(before.size());
        add("remove", nullptr);
      }
    }
    for (const auto& member : after) {
      if (before.contains(member.key())) continue;
      Descent descent(*this, text_view(member.key()));
      add("add", &member.value());
    }
    return settle(mark, kept && spend(cost), to);
  }

  bool compare_arrays(const Json& from, const Json& to) {
    std::span<const Json> before = items_of(from);
    std::span<const Json> after = items_of(to);
    std::size_t mark = operations_.size();
    auto [left, right] =
        std::mismatch(before.begin(), before.end(), after.begin(), after.end(), json_equal);
    auto prefix = static_cast<std::size_t>(left - before.begin());
    before = before.subspan(prefix);
    after = after.subspan(prefix);
    auto [left_end, right_end] =
        std::mismatch(before.rbegin(), before.rend(), after.rbegin(), after.rend(), json_equal);
    auto suffix = static_cast<std::size_t>(left_end - before.rbegin());
    Stretch stretch{.index = prefix,
                    .before = before.first(before.size() - suffix),
                    .after = after.first(after.size() - suffix),
                    .behind = suffix};
    bool same = stretch.before.empty() && stretch.after.empty();
    bool kept = prefix + suffix > 0 || same;
    std::uint64_t cost = 0;
    kept = compare_stretch(stretch, cost) || kept;
    return settle(mark, kept && spend(cost), to);
  }

  // Neighbouring items, between items that stay.
  struct Stretch {
    std::size_t index;  // of its first item, in the array as it is when its operations come
    std::span<const Json> before;
    std::span<const Json> after;
    std::size_t behind;  // how many items follow it
  };

  bool compare_stretch(const Stretch& whole, std::uint64_t& cost) {
    if (whole.before.empty() || whole.after.empty()) return pair_items(whole, cost);
    ItemNumbers numbers;
    auto before = numbers.of(whole.before);
    auto after = numbers.of(whole.after);
    auto edits = shortest_edits(before, after, script_steps_);
    if (edits.empty()) return pair_items(whole, cost);
    bool kept = false;
    Stretch part{.index = whole.index, .before = {}, .after = {}, .behind = whole.behind};
    std::size_t removed = 0;
    std::size_t inserted = 0;
    std::size_t x = 0;
    std::size_t y = 0;
    auto close = [&] {
      part.before = whole.before.subspan(x - removed, removed);
      part.after = whole.after.subspan(y - inserted, inserted);
      part.behind = whole.behind + whole.before.size() - x;
      kept = pair_items(part, cost) || kept;
      part.index += inserted;
      removed = inserted = 0;
    };
    for (Edit edit : edits) {
      if (edit == Edit::keep) {
        close();
        kept = true;
        ++part.index;
      }
      if (edit != Edit::insert) ++x;
      if (edit != Edit::remove) ++y;
      removed += edit == Edit::remove;
      inserted += edit == Edit::insert;
    }
    close();
    return kept;
  }

  // Item by item; what one side has more is removed or added at the end.
  bool pair_items(const Stretch& stretch, std::uint64_t& cost) {
    bool kept = false;
    std::size_t common = std::min(stretch.before.size(), stretch.after.size());
    for (std::size_t i = 0; i < common; ++i) {
      Descent descent(*this, stretch.index + i);
      kept = compare(stretch.before[i], stretch.after[i]) || kept;
    }
    for (std::size_t i = stretch.before.size(); i > common; --i) {
      Descent descent(*this, stretch.index + i - 1);
      add("remove", nullptr);
    }
    for (std::size_t i = common; i < stretch.after.size(); ++i) {
      Descent descent(*this, stretch.index + i);
      add("add", &stretch.after[i]);
    }
    std::size_t shifts = std::max(stretch.before.size(), stretch.after.size()) - common;
    cost += shifts * patch::shift_cost(stretch.behind);
    return kept;
  }

  // The operations since `mark` stand, unless one that replaces the whole value is better.
  bool settle(std::size_t mark, bool kept, const Json& to) {
    if (kept || operations_.size() <= mark + 1) return kept;
    operations_.resize(mark);
    add("replace", &to);
    return false;
  }

  // False when applying the patch would move more than is allowed.
  bool spend(std::uint64_t cost) {
    if (cost > moved_max - moved_) return false;
    moved_ += cost;
    return true;
  }

  void add(std::string_view name, const Json* value) {
    JsonObject operation{{"op", json_view(name)}, {"path", json_view(path_)}};
    if (value != nullptr) operation["value"] = *value;
    operations_.push_back(std::move(operation));
  }

  static std::span<const Json> items_of(const Json& array) {
    return {array.get_array().data(), array.get_array().size()};
  }

  std::size_t script_steps_ = script_steps_max;
  std::uint64_t moved_ = 0;
  JsonArray operations_;
  std::string path_;
};

}  // namespace

Json make_patch(const Json& from, const Json& to) { return PatchMaker().run(from, to); }

}  // namespace harmonia::workflow
