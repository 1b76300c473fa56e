#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "store/store.h"

namespace harmonia::store {

// How the suite opens a driver. A new driver passes when it is one more line in drivers_test.cc.
struct Driver {
  std::string name;
  // An empty store; `directory` is empty, exists, and is for this store alone.
  std::function<Result<std::unique_ptr<Store>>(const std::string& directory)> open;
};

// A folder of its own for a test, removed with what is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Every test of the suite runs once for each driver.
class StoreConformance : public testing::TestWithParam<Driver> {
 protected:
  void SetUp() override {
    auto opened = GetParam().open(directory_.path());
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    store_ = std::move(opened).value();
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

}  // namespace harmonia::store
