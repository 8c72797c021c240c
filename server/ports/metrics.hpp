#pragma once
/// @file metrics.hpp
/// What an operator watches, counted where it happens. Nothing here names a person: no account, no address, no path.

#include <chrono>
#include <cstddef>
#include <string_view>

#include <waxseal/error.hpp>

#include "ports/outbox.hpp"

namespace waxseal::server {

struct AnsweredRequest {
  std::string_view route;  ///< The pattern that matched; empty: none did, whatever the path was.
  int status = 0;
  std::string_view code;  ///< Wire name of what was refused, or empty.
  std::chrono::microseconds took{};
};

/// Steps in the life of links that went well.
enum class LinkStep {
  requested,
  mailed,
  verified,
  verified_again,  ///< Pressed once more, and nothing was left to do.
  undone
};

/// What became of one attempt to hand an entry of the outbox over.
enum class AttemptOutcome { sent, not_wanted, delayed, given_up };

/// Counts nothing; an adapter overrides all of it. Any thread; never throws; cheap enough for every request.
class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual void request_answered(const AnsweredRequest&) {}
  virtual void link_step(LinkStep) {}
  virtual void link_refused(Purpose, ErrorCode) {}
  virtual void attempted(OutboxQueue, AttemptOutcome) {}
};

/// For those who do not watch.
inline Metrics no_metrics;

/// A pool of things that are lent: connections to the storage, threads that answer.
struct PoolUse {
  std::size_t in_use = 0;
  std::size_t most = 0;     ///< As many as there may be.
  std::size_t waiting = 0;  ///< For one of them, where that can be: a request that no thread reads yet is not known.
};

}  // namespace waxseal::server
