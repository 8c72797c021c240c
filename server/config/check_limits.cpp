#include "config/check_limits.hpp"

#include "config/setting_keys.hpp"

namespace waxseal::server {
namespace {

/// The limit, if there is one that can be read.
std::optional<Rate> read_limit(const char* key, const std::string& text, Checker& check) {
  if (text.empty()) return std::nullopt;
  const auto rate = parse_rate(text);
  if (!rate) {
    check.error(key,
                "\"" + text +
                    "\" is no limit; allowed: a count from 1 to 1000000, a slash, and s, m, h, d or a number of one of "
                    "them up to 30d, e.g. \"5/h\" or \"5/10m\"; \"\" for none");
  }
  return rate;
}

/// Whether requests at the rate `one` could take all that `shared` gives: at once, or as it comes back.
bool can_use_up(const std::optional<Rate>& one, const Rate& shared) {
  if (!one || one->count >= shared.count) return true;
  return static_cast<double>(one->count) / static_cast<double>(one->period.count()) >=
         static_cast<double>(shared.count) / static_cast<double>(shared.period.count());
}

}  // namespace

void check_limits(const Settings& settings, Checker& check) {
  const auto& limits = settings.limits;
  const auto per_user = read_limit("limits.per_user", limits.per_user, check);
  read_limit("limits.per_address", limits.per_address, check);
  read_limit("limits.per_ip", limits.per_ip, check);
  const std::pair<const char*, std::optional<Rate>> shared[] = {
      {"limits.per_domain", read_limit("limits.per_domain", limits.per_domain, check)},
      {"limits.global", read_limit("limits.global", limits.global, check)}};
  if (!per_user && !limits.per_user.empty()) return;  // what it should be is not known
  for (const auto& [key, rate] : shared) {
    if (rate && can_use_up(per_user, *rate)) {
      check.warning(key, "can be used up by one account: it should be well above limits.per_user");
    }
  }
}

}  // namespace waxseal::server
