#pragma once
/// @file connection_pool.hpp
/// All open connections, and the threads that answer their requests. A connection has a thread only while a request of it,
/// which has come as a whole, is answered: those that are idle or slow are waited for together, and cost no thread.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "http/connection.hpp"

namespace waxseal::server {

class ConnectionPool {
 public:
  /// What becomes of a connection whose request was answered.
  enum class Next {
    request,  ///< It stays open for another one.
    linger,   ///< Closed, with what the client still sends thrown away: it may not have been read to its end.
    close,
  };
  using Answer = std::function<Next(Connection&)>;

  /// @param answer  Answers the whole request of a connection. In any of the threads; does not throw.
  ConnectionPool(std::size_t threads, Answer answer);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// Takes a connected socket. If as many are open as this process may have files, the one that is idle for the longest time
  /// makes room; if none is idle, the new one is closed.
  void add(int socket);

  /// Closes what is idle, gives what has begun a moment to end, and returns when no connection is open any more. To be called
  /// once nothing is added any more; the second time it does nothing.
  void stop();

 private:
  using Id = std::uint64_t;
  using Connections = std::unordered_map<Id, std::unique_ptr<Connection>>;
  enum class Arm { first, again };

  void work();
  void serve(Connections::node_type place);
  void park(Connections::node_type place, Arm arm);
  void keep_time();
  void close_late();
  bool make_room();
  bool is_empty();

  const Answer answer_;
  const std::size_t most_open_;
  const int epoll_;
  const int stopped_;  ///< An eventfd, readable once the threads are to end.
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  Connections parked_;    ///< Those that no thread has.
  std::size_t open_ = 0;  ///< All of them.
  Id next_id_ = 1;
  std::vector<std::thread> threads_;
  std::thread timekeeper_;
};

}  // namespace waxseal::server
