#pragma once
/// @file batch_queue.hpp
/// Work that many threads hand in and one of them does for all: what costs the same for one as for many, such as making a
/// transaction durable, is then paid once. Knows nothing of what is done.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace waxseal::server {

/// @tparam Work  What one thread wants done, with room for what came of it. Lives on that thread's stack.
template <typename Work>
class BatchQueue {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param most_waiting  How many may wait for a batch that does not come to its end. The next one is refused.
  /// @param patience      How long a batch may be under way until that bound holds: as long as batches come and go, whoever
  ///                      waits is served soon.
  BatchQueue(std::size_t most_waiting, Clock::duration patience) : most_waiting_(most_waiting), patience_(patience) {}
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  enum class Outcome {
    ran,      ///< `work` was in a batch that `run_batch` returned from.
    refused,  ///< Too many wait: nothing was done.
  };

  /// Returns once `work` was in a batch. If no batch is under way, this thread runs one at once: nobody waits for company.
  /// Those who come meanwhile wait, and the first of them runs the next batch, with all who wait by then, in order of arrival.
  /// @param run_batch  `void(const std::vector<Work*>&)`, called in one of the threads of the batch, never twice at the same
  ///                   time, and without a lock of the queue. What it throws is thrown in every thread of the batch.
  template <typename RunBatch>
  Outcome run(Work& work, RunBatch&& run_batch) {
    Place place{work};
    std::vector<Place*> batch;
    {
      std::unique_lock lock{mutex_};
      if (led_ && waiting_.size() >= most_waiting_ && Clock::now() - begun_ >= patience_) return Outcome::refused;
      waiting_.push_back(&place);
      if (led_) place.moved.wait(lock, [&] { return place.state != State::waits; });
      if (place.state != State::done) {
        led_ = true;
        begun_ = Clock::now();
        batch = std::exchange(waiting_, {});
      }
    }
    if (!batch.empty()) lead(batch, run_batch);
    if (place.thrown) std::rethrow_exception(place.thrown);
    return Outcome::ran;
  }

  /// How many wait at this moment.
  std::size_t waiting() const {
    const std::lock_guard lock{mutex_};
    return waiting_.size();
  }

 private:
  enum class State { waits, leads, done };

  struct Place {
    Work& work;
    State state = State::waits;
    std::exception_ptr thrown = {};
    std::condition_variable moved = {};  ///< One each: of many who wait, those are woken whom it concerns.
  };

  /// Runs a batch whose first place is this thread's own, and lets the others go.
  template <typename RunBatch>
  void lead(const std::vector<Place*>& batch, RunBatch&& run_batch) {
    std::exception_ptr thrown;
    try {
      std::vector<Work*> works;
      works.reserve(batch.size());
      for (Place* place : batch) works.push_back(&place->work);
      run_batch(std::as_const(works));
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::lock_guard lock{mutex_};
    for (Place* place : batch) {
      place->thrown = thrown;
      move(*place, State::done);
    }
    led_ = !waiting_.empty();
    if (led_) move(*waiting_.front(), State::leads);
  }

  /// Holding the lock to the end: the thread that is woken takes its place with it.
  static void move(Place& place, State state) {
    place.state = state;
    place.moved.notify_one();
  }

  const std::size_t most_waiting_;
  const Clock::duration patience_;
  mutable std::mutex mutex_;
  std::vector<Place*> waiting_;
  Clock::time_point begun_{};  ///< When the batch under way began.
  bool led_ = false;           ///< Somebody runs a batch, or was told to.
};

}  // namespace waxseal::server
