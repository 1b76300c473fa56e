#pragma once

#include <memory>

#include "store/store.h"

namespace harmonia::store {

// Everything in memory, gone with the process. For tests and `harmonia run --memory`.
std::unique_ptr<Store> make_memory_store();

}  // namespace harmonia::store
