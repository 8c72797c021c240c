#include "threads/batch_queue.hpp"

#include <atomic>
#include <functional>
#include <future>
#include <stdexcept>
#include <thread>

#include "support/catch.hpp"

using namespace waxseal::server;

namespace {

struct Number {
  int value = 0;
  int answer = 0;
};
using Queue = BatchQueue<Number>;
using Batch = std::vector<Number*>;
constexpr std::chrono::seconds at_once{0};

void double_all(const Batch& batch) {
  for (Number* number : batch) number->answer = 2 * number->value;
}

/// A batch that is under way until the test lets it go on.
class HeldBatch {
 public:
  explicit HeldBatch(Queue& queue, int value = 0)
      : thread_([this, &queue, value] {
          number_.value = value;
          queue.run(number_, [this](const Batch& batch) {
            size_ = batch.size();
            begun_.set_value();
            go_on_.get_future().wait();
            double_all(batch);
          });
        }) {
    begun_.get_future().wait();
  }
  ~HeldBatch() {
    if (thread_.joinable()) let_go();
  }
  void let_go() {
    go_on_.set_value();
    thread_.join();
  }
  std::size_t size() const { return size_; }

 private:
  Number number_;
  std::size_t size_ = 0;
  std::promise<void> begun_;
  std::promise<void> go_on_;
  std::thread thread_;
};

/// Threads that hand in 1, 2, 3 …, each once the one before it waits in the queue.
class Waiting {
 public:
  Waiting(Queue& queue, int count, std::function<void(const Batch&)> run_batch)
      : numbers_(static_cast<std::size_t>(count)) {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      numbers_[i].value = static_cast<int>(i) + 1;
      threads_.emplace_back([this, &queue, i, run_batch] {
        try {
          queue.run(numbers_[i], run_batch);
        } catch (const std::runtime_error&) {
          ++thrown_;
        }
      });
      while (queue.waiting() < i + 1) std::this_thread::yield();
    }
  }
  ~Waiting() { join(); }
  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  const std::vector<Number>& numbers() const { return numbers_; }
  int thrown() const { return thrown_; }

 private:
  std::vector<Number> numbers_;
  std::atomic<int> thrown_{0};
  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("work that comes alone is run at once, in the thread that hands it in") {
  Queue queue{8, at_once};
  Number number{21};
  std::thread::id ran_in;
  const auto outcome = queue.run(number, [&](const Batch& batch) {
    ran_in = std::this_thread::get_id();
    double_all(batch);
  });
  CHECK(outcome == Queue::Outcome::ran);
  CHECK(number.answer == 42);
  CHECK(ran_in == std::this_thread::get_id());
}

TEST_CASE("what comes while a batch is under way is the next batch, in order of arrival", "[concurrent]") {
  Queue queue{8, at_once};
  HeldBatch held{queue};
  std::vector<std::vector<int>> batches;
  Waiting waiting{queue, 5, [&](const Batch& batch) {
                    batches.emplace_back();
                    for (const Number* number : batch) batches.back().push_back(number->value);
                    double_all(batch);
                  }};
  CHECK(held.size() == 1);
  CHECK(batches.empty());
  held.let_go();
  waiting.join();
  CHECK(batches == std::vector<std::vector<int>>{{1, 2, 3, 4, 5}});
  for (const Number& number : waiting.numbers()) CHECK(number.answer == 2 * number.value);
}

TEST_CASE("what a batch throws is thrown to everybody in it, and the next batch runs", "[concurrent]") {
  Queue queue{8, at_once};
  HeldBatch held{queue};
  Waiting waiting{queue, 4, [](const Batch&) { throw std::runtime_error{"the disk is gone"}; }};
  held.let_go();
  waiting.join();
  CHECK(waiting.thrown() == 4);
  Number number{1};
  CHECK(queue.run(number, double_all) == Queue::Outcome::ran);
  CHECK(number.answer == 2);
}

TEST_CASE("one more than may wait is refused at once, and all others are served", "[concurrent]") {
  Queue queue{3, at_once};
  HeldBatch held{queue};
  Waiting waiting{queue, 3, double_all};
  Number one_more{5};
  CHECK(queue.run(one_more, double_all) == Queue::Outcome::refused);
  CHECK(one_more.answer == 0);
  held.let_go();
  waiting.join();
  for (const Number& number : waiting.numbers()) CHECK(number.answer == 2 * number.value);
  CHECK(queue.run(one_more, double_all) == Queue::Outcome::ran);
}

TEST_CASE("of many threads each is answered with its own, and no two batches overlap", "[concurrent]") {
  constexpr int threads = 16, rounds = 200;
  Queue queue{1, std::chrono::minutes{1}};
  std::atomic<int> under_way{0}, overlaps{0}, wrong{0};
  const auto run_batch = [&](const Batch& batch) {
    if (++under_way != 1) ++overlaps;
    double_all(batch);
    --under_way;
  };
  std::vector<std::thread> all;
  for (int thread = 0; thread < threads; ++thread) {
    all.emplace_back([&, thread] {
      for (int round = 0; round < rounds; ++round) {
        Number number{thread * rounds + round + 1};
        if (queue.run(number, run_batch) != Queue::Outcome::ran || number.answer != 2 * number.value) ++wrong;
      }
    });
  }
  for (std::thread& thread : all) thread.join();
  CHECK(overlaps == 0);
  CHECK(wrong == 0);
}
