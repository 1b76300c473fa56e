#include "store/sqlite/reader_pool.h"

namespace harmonia::store::sqlite {
namespace {

constexpr std::size_t connections_max = 8;
constexpr int cache_kib = 8 * 1024;

}  // namespace

Result<ReaderPool::Lease> ReaderPool::borrow() {
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return lent_ < connections_max; });
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

Result<std::unique_ptr<Connection>> ReaderPool::open() {
  TRY(Connection connection, Connection::open(path_, cache_kib));
  TRY_DO(connection.execute("PRAGMA query_only = ON"));
  return std::make_unique<Connection>(std::move(connection));
}

void ReaderPool::give_back(std::unique_ptr<Connection> connection) {
  std::lock_guard lock(mutex_);
  --lent_;
  if (connection != nullptr) idle_.push_back(std::move(connection));
  returned_.notify_one();
}

}  // namespace harmonia::store::sqlite
