#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/sqlite/connection.h"

namespace harmonia::store::sqlite {

// Connections for reading, each lent to one thread at a time. Made when wanted, up to a bound;
// beyond it callers wait for one to come back.
class ReaderPool {
 public:
  // Gives its connection back when it goes.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    ~Lease() {
      if (connection_ != nullptr) pool_->give_back(std::move(connection_));
    }
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;

    Connection& operator*() const { return *connection_; }

   private:
    ReaderPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  explicit ReaderPool(std::string path) : path_(std::move(path)) {}

  Result<Lease> borrow();
  // Closes all connections when they have come back; whoever borrows waits until `reopen`.
  void close();
  void reopen();

 private:
  Result<std::unique_ptr<Connection>> open();
  void give_back(std::unique_ptr<Connection> connection);

  std::string path_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t lent_ = 0;
  bool is_closed_ = false;
};

}  // namespace harmonia::store::sqlite
