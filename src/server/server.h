#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "server/environment.h"
#include "server/settings.h"

namespace harmonia::server {

// `harmonia serve`: everything wired together behind one port.
class Server {
 public:
  // Binds the port, then opens the store: a port in use and a folder in use are errors here, before
  // anything runs. Also when the settings would expose an open server to other machines.
  static Result<std::unique_ptr<Server>> open(const Settings& settings,
                                              const Environment& environment);
  virtual ~Server() = default;  // stops

  // Runs that were in flight go on, then connections are accepted.
  virtual Result<void> start() = 0;
  // Takes no more connections, lets requests in progress end, gives up work in progress (it is owed
  // and begins again at the next start), and closes the store. Safe to call twice.
  virtual void stop() = 0;

  // Where it listens, e.g. http://127.0.0.1:8007; with the real port when 0 was asked for.
  virtual std::string url() const = 0;
};

}  // namespace harmonia::server
