#include "base/time.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/id.h"

namespace harmonia {
namespace {

TEST(Time, rfc3339_survives_a_round_trip) {
  for (std::int64_t micros : {0LL, 1LL, 1'767'225'600'000'000LL, -1LL, 253'402'300'799'999'999LL}) {
    auto parsed = parse_rfc3339(to_rfc3339(from_micros(micros)));
    ASSERT_TRUE(parsed.ok()) << to_rfc3339(from_micros(micros));
    EXPECT_EQ(to_micros(*parsed), micros);
  }
}

TEST(Time, offsets_and_fractions_are_understood) {
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-11-21T12:00:00.5+02:00")),
            "2026-11-21T10:00:00.500000Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-01-01T00:00:00.123456789Z")),
            "2026-01-01T00:00:00.123456Z");
}

TEST(Time, impossible_times_are_refused) {
  for (std::string_view text : {"", "2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T24:00:00Z",
                                "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx", "yesterday"}) {
    EXPECT_FALSE(parse_rfc3339(text).ok()) << text;
  }
}

TEST(Time, iso8601_durations_add_up) {
  EXPECT_EQ(*parse_iso8601_duration("PT15S"), std::chrono::seconds(15));
  EXPECT_EQ(*parse_iso8601_duration("P1DT2H3M4.5S"), from_seconds(86400 + 7200 + 180 + 4.5));
  EXPECT_EQ(*parse_iso8601_duration("P2W"), std::chrono::days(14));
  EXPECT_EQ(*parse_iso8601_duration("-PT1S"), -std::chrono::seconds(1));
}

TEST(Time, durations_that_are_none_are_refused) {
  for (std::string_view text :
       {"", "P", "PT", "15", "P1Y", "PT1.5H", "PTS", "PT1S2", "P1H", "PT99999999999S"}) {
    EXPECT_FALSE(parse_iso8601_duration(text).ok()) << text;
  }
}

TEST(Time, people_read_durations_in_their_unit) {
  EXPECT_EQ(to_human(Duration(250)), "250 us");
  EXPECT_EQ(to_human(std::chrono::milliseconds(350)), "350 ms");
  EXPECT_EQ(to_human(std::chrono::milliseconds(1500)), "1.5 s");
  EXPECT_EQ(to_human(std::chrono::seconds(125)), "2 m 5 s");
  EXPECT_EQ(to_human(std::chrono::hours(97)), "4 d 1 h");
}

TEST(Id, uuids_survive_a_round_trip_and_sort_by_time) {
  Uuid early = make_uuid_v7(1000, 0xffff, 0xffffffffffffffff);
  Uuid late = make_uuid_v7(1001, 0, 0);
  EXPECT_LT(early, late);
  EXPECT_EQ(parse_uuid(to_string(early)), early);
  EXPECT_EQ(to_string(early)[14], '7');
}

TEST(Id, text_that_is_no_uuid_is_refused) {
  EXPECT_FALSE(parse_uuid("0192f7a0-0000-7000-8000-00000000000").has_value());
  EXPECT_FALSE(parse_uuid("0192f7a0-0000-7000-8000-00000000000g").has_value());
  EXPECT_FALSE(parse_uuid("0192f7a0x0000-7000-8000-000000000000").has_value());
}

TEST(Hash, values_are_frozen) {
  // Jitter of running workflows depends on them.
  EXPECT_EQ(stable_hash(""), stable_hash("", 0));
  EXPECT_NE(stable_hash("a", 1), stable_hash("a", 2));
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace harmonia
