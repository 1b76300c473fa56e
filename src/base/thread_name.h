#pragma once

#include <pthread.h>

namespace harmonia {

// What `top -H`, debuggers and profilers call the calling thread; at most 15 characters.
inline void name_this_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace harmonia
