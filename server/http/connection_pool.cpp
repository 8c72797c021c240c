#include "http/connection_pool.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace waxseal::server {
namespace {

using std::chrono::steady_clock;

/// How late a deadline may be noticed, and a stop.
constexpr std::chrono::milliseconds time_between_looks{200};
constexpr std::chrono::milliseconds time_between_looks_at_the_end{10};

/// Files that the process needs besides: databases, keys, mails, the log.
constexpr std::size_t other_files = 128;

std::size_t most_open_connections() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return 65536;
  return files.rlim_cur > 2 * other_files ? files.rlim_cur - other_files : files.rlim_cur / 2;
}

int checked(int descriptor) {
  if (descriptor < 0) throw std::runtime_error{"the system gives no descriptor to wait with"};
  return descriptor;
}

}  // namespace

ConnectionPool::ConnectionPool(std::size_t threads, Answer answer)
    : answer_(std::move(answer)),
      most_open_(most_open_connections()),
      epoll_(checked(epoll_create1(EPOLL_CLOEXEC))),
      stopped_(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {
  epoll_event event{EPOLLIN, {}};
  event.data.u64 = 0;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, stopped_, &event);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  timekeeper_ = std::thread{[this] { keep_time(); }};
}

ConnectionPool::~ConnectionPool() {
  stop();
  close(stopped_);
  close(epoll_);
}

void ConnectionPool::add(int socket) {
  Connections one;
  {
    const std::lock_guard lock{mutex_};
    if (open_ >= most_open_ && !make_room()) {
      close(socket);
      return;
    }
    ++open_;
    one.emplace(next_id_++, std::make_unique<Connection>(socket));
  }
  park(one.extract(one.begin()), Arm::first);
}

/// Waits for the next input, or the deadline. Under the lock to the end: the timekeeper may close the connection at once, and its
/// descriptor be another's then.
void ConnectionPool::park(Connections::node_type place, Arm arm) {
  epoll_event event{EPOLLIN | EPOLLONESHOT, {}};
  event.data.u64 = place.key();
  const int socket = place.mapped()->socket();
  const std::lock_guard lock{mutex_};
  if (epoll_ctl(epoll_, arm == Arm::first ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) == 0) {
    parked_.insert(std::move(place));
  } else {
    --open_;
  }
}

void ConnectionPool::work() {
  while (true) {
    epoll_event event{};
    const int ready = epoll_wait(epoll_, &event, 1, -1);
    if (ready < 1) continue;
    if (event.data.u64 == 0) return;
    Connections::node_type place;
    {
      const std::lock_guard lock{mutex_};
      place = parked_.extract(event.data.u64);
    }
    if (place) serve(std::move(place));  // else the timekeeper was faster
  }
}

/// Answers what is whole, and parks the connection or closes it.
void ConnectionPool::serve(Connections::node_type place) {
  Connection& connection = *place.mapped();
  Connection::Progress progress = connection.take_in();
  while (progress == Connection::Progress::whole) {
    const Next next = answer_(connection);
    if (next == Next::linger) connection.linger();
    progress = next == Next::close ? Connection::Progress::ended : connection.take_in();
  }
  const bool idle_at_the_end = stopping_ && !connection.is_begun();
  if (progress == Connection::Progress::partial && !idle_at_the_end) {
    if (stopping_) connection.hurry();
    park(std::move(place), Arm::again);
    return;
  }
  place.mapped().reset();
  const std::lock_guard lock{mutex_};
  --open_;
}

void ConnectionPool::keep_time() {
  std::unique_lock lock{mutex_};
  while (!(stopping_ && open_ == 0)) {
    changed_.wait_for(lock, stopping_ ? time_between_looks_at_the_end : time_between_looks);
    close_late();
  }
}

/// Holding the lock.
void ConnectionPool::close_late() {
  const auto now = steady_clock::now();
  for (auto place = parked_.begin(); place != parked_.end();) {
    if (now >= place->second->deadline()) {
      place = parked_.erase(place);
      --open_;
    } else {
      ++place;
    }
  }
}

/// Holding the lock. False if every connection has begun a request.
bool ConnectionPool::make_room() {
  auto oldest = parked_.end();
  for (auto place = parked_.begin(); place != parked_.end(); ++place) {
    const bool older = oldest == parked_.end() || place->second->deadline() < oldest->second->deadline();
    if (!place->second->is_begun() && older) oldest = place;
  }
  if (oldest == parked_.end()) return false;
  parked_.erase(oldest);
  --open_;
  return true;
}

void ConnectionPool::stop() {
  if (!timekeeper_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    for (auto place = parked_.begin(); place != parked_.end();) {
      if (place->second->is_begun()) {
        place->second->hurry();
        ++place;
      } else {
        place = parked_.erase(place);
        --open_;
      }
    }
  }
  changed_.notify_one();
  timekeeper_.join();
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stopped_, &one, sizeof one);
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace waxseal::server
