#include "api/metrics.h"

#include <gtest/gtest.h>

namespace harmonia::api {
namespace {

TEST(Metrics, the_buckets_of_a_histogram_are_cumulative) {
  RequestMetrics requests(all_routes());
  requests.count(&all_routes()[0], 201, std::chrono::microseconds(100));
  requests.count(&all_routes()[0], 201, std::chrono::milliseconds(3));
  requests.count(&all_routes()[0], 500, std::chrono::seconds(60));
  MetricsInput input{
      .version = "1", .engine = {}, .store = {}, .health = {}, .server = {}, .requests = requests};
  std::string text = render_metrics(input, MetricsFormat::prometheus);
  std::string labels = "{method=\"POST\",route=\"/api/workflows\",le=";
  std::string bucket = "harmonia_http_request_duration_seconds_bucket" + labels;
  EXPECT_NE(text.find(bucket + "\"0.0005\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find(bucket + "\"0.005\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find(bucket + "\"10\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find(bucket + "\"+Inf\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("duration_seconds_count{method=\"POST\",route=\"/api/workflows\"} 3\n"),
            std::string::npos);
}

}  // namespace
}  // namespace harmonia::api
