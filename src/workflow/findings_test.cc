#include "workflow/findings.h"

#include <gtest/gtest.h>

namespace harmonia::workflow {
namespace {

constexpr std::string_view known[] = {"depends_on", "description", "timeout", "when"};

TEST(NearestName, a_slip_of_the_pen_is_recognised) {
  EXPECT_EQ(nearest_name("depnds_on", known), "depends_on");
  EXPECT_EQ(nearest_name("timeuot", known), "timeout");
  EXPECT_EQ(nearest_name("Description", known), "description");
}

TEST(NearestName, what_is_far_from_all_has_no_neighbour) {
  EXPECT_EQ(nearest_name("zebra", known), "");
  EXPECT_EQ(nearest_name(std::string(1000, 'x'), known), "");
}

TEST(Findings, their_number_is_bounded_and_the_rest_is_counted) {
  Findings findings;
  for (std::size_t i = 0; i < Findings::findings_max + 7; ++i) findings.error("", "x");
  EXPECT_EQ(findings.list().size(), Findings::findings_max);
  EXPECT_EQ(findings.left_out(), 7u);
  EXPECT_TRUE(findings.full());
}

TEST(Findings, warnings_are_no_errors) {
  Findings findings;
  findings.warning("", "x");
  EXPECT_FALSE(findings.has_errors());
}

}  // namespace
}  // namespace harmonia::workflow
