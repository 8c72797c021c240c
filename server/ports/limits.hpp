#pragma once
/// @file limits.hpp
/// What a request is counted against, and the arithmetic that every store counts with.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <waxseal/bytes.hpp>
#include <waxseal/expiry.hpp>

#include "values/rate.hpp"

namespace waxseal::server {

/// One more use of one limit.
struct LimitCharge {
  std::string_view limit;  ///< "per_user", for the log. Static.
  ByteArray<32> subject;   ///< Whose use it is: a hash, so that neither addresses nor accounts can be read from it.
  Rate rate;
};

/// A limit that is used up.
struct LimitReached {
  std::string_view limit;
  std::chrono::seconds retry_after;  ///< From 1 s on.
};

/// All that a store keeps of a subject: when nothing of its limit is used any more, in microseconds of Unix time. A row whose
/// time has come says nothing, and is to be forgotten.
using LimitLevel = std::int64_t;

inline LimitLevel limit_level_of(UnixTime now) { return to_unix_s(now) * 1'000'000; }

struct LimitUse {
  LimitLevel level;              ///< After the use, or as it was if there is none left.
  std::chrono::seconds wait{0};  ///< Until there is one, if there is none now.
};

/// The generic cell rate algorithm (ITU-T I.371): each use takes its share of the period away, and time gives it back.
/// @param level  As kept; nothing: unused. One that is farther away than a whole period, as a clock that was wrong leaves it,
///               counts as used up now.
inline LimitUse use_limit(std::optional<LimitLevel> level, const Rate& rate, UnixTime now) {
  using std::chrono::microseconds;
  const LimitLevel now_us = limit_level_of(now);
  const LimitLevel period_us = std::chrono::duration_cast<microseconds>(rate.period).count();
  const LimitLevel before = std::clamp(level.value_or(now_us), now_us, now_us + period_us);
  const LimitLevel after = before + period_us / rate.count;
  const microseconds beyond{after - now_us - period_us};
  if (beyond <= microseconds{0}) return {after};
  return {before, std::chrono::ceil<std::chrono::seconds>(beyond)};
}

/// Of two refusals the one that lasts longer: the answer then holds for both.
inline void keep_longer(std::optional<LimitReached>& reached, const LimitCharge& charge, const LimitUse& use) {
  if (use.wait > std::chrono::seconds{0} && (!reached || reached->retry_after < use.wait)) {
    reached = LimitReached{charge.limit, use.wait};
  }
}

}  // namespace waxseal::server
