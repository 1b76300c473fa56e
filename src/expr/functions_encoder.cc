#include "expr/evaluation.h"
#include "expr/function.h"
#include "expr/text.h"

namespace harmonia::expr {
namespace {

Value encode(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::bytes)) return evaluation.fail_overload("base64.encode", a);
  if (!evaluation.spend(a[0].aux / 16)) return evaluation.out_of_budget();
  return evaluation.make_string(base64_encode(a[0].view()));
}

Value decode(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::string)) return evaluation.fail_overload("base64.decode", a);
  if (!evaluation.spend(a[0].aux / 16)) return evaluation.out_of_budget();
  auto bytes = base64_decode(a[0].view());
  return bytes ? evaluation.make_bytes(*bytes)
               : evaluation.fail("base64.decode() of a text that is no base64");
}

constexpr Function functions[] = {
    {"base64.encode", false, 1, 1, encode},
    {"base64.decode", false, 1, 1, decode},
};

}  // namespace

std::span<const Function> encoder_functions() { return functions; }

}  // namespace harmonia::expr
