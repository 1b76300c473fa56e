#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include <boost/asio/buffer.hpp>

namespace harmonia::net {

// Bytes received and not yet parsed, in one piece.
class InputBuffer {
 public:
  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Room for `count` more bytes; commit() says how many of them were filled.
  boost::asio::mutable_buffer prepare(std::size_t count) {
    if (capacity_ - end_ < count) make_room(count);
    return {data_.get() + end_, count};
  }
  void commit(std::size_t count) { end_ += count; }

  // Gives the memory of a large request back; only when empty.
  void shrink(std::size_t capacity_max) {
    if (empty() && capacity_ > capacity_max) {
      data_.reset();
      capacity_ = 0;
    }
  }

 private:
  void make_room(std::size_t count) {
    const std::size_t size = end_ - begin_;
    if (capacity_ < size + count) {
      const std::size_t capacity = size + count;
      auto data = std::make_unique_for_overwrite<char[]>(capacity);
      if (size > 0) std::memcpy(data.get(), data_.get() + begin_, size);
      data_ = std::move(data);
      capacity_ = capacity;
    } else {
      std::memmove(data_.get(), data_.get() + begin_, size);
    }
    begin_ = 0;
    end_ = size;
  }

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace harmonia::net
