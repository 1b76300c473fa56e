#include "store/sqlite/reader_pool.h"

namespace harmonia::store::sqlite {
namespace {

constexpr std::size_t connections_max = 8;
constexpr int cache_kib = 4 * 1024;

}  // namespace

Result<ReaderPool::Lease> ReaderPool::borrow() {
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return lent_ < connections_max && !is_closed_; });
    ++lent_;
    if (!idle_.empty()) {
      Lease lease(*this, std::move(idle_.back()));
      idle_.pop_back();
      return lease;
    }
  }
  auto opened = open();
  if (opened.ok()) return Lease(*this, std::move(opened).value());
  give_back(nullptr);
  return std::move(opened).error();
}

void ReaderPool::close() {
  std::unique_lock lock(mutex_);
  is_closed_ = true;
  returned_.wait(lock, [this] { return lent_ == 0; });
  idle_.clear();
}

void ReaderPool::reopen() {
  std::lock_guard lock(mutex_);
  is_closed_ = false;
  returned_.notify_all();
}

Result<std::unique_ptr<Connection>> ReaderPool::open() {
  TRY(Connection connection, Connection::open(path_, cache_kib));
  TRY_DO(connection.execute("PRAGMA query_only = ON"));
  return std::make_unique<Connection>(std::move(connection));
}

void ReaderPool::give_back(std::unique_ptr<Connection> connection) {
  std::lock_guard lock(mutex_);
  --lent_;
  if (connection != nullptr) idle_.push_back(std::move(connection));
  // Those who borrow and the one who closes wait for different things.
  returned_.notify_all();
}

}  // namespace harmonia::store::sqlite
