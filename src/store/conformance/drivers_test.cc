#include "store/conformance/driver.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"

namespace harmonia::store {
namespace {

Driver memory_driver() {
  return {.name = "memory", .open = [](const std::string&) -> Result<std::unique_ptr<Store>> {
            return make_memory_store();
          }};
}

Driver sqlite_driver() {
  return {.name = "sqlite", .open = [](const std::string& directory) {
            return open_sqlite_store({.directory = directory});
          }};
}

INSTANTIATE_TEST_SUITE_P(Drivers, StoreConformance,
                         testing::Values(memory_driver(), sqlite_driver()),
                         [](const testing::TestParamInfo<Driver>& driver) {
                           return driver.param.name;
                         });

}  // namespace
}  // namespace harmonia::store
