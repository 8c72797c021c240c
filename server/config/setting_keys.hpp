#pragma once
/// @file setting_keys.hpp
/// The table of keys: the one place where a key of the configuration is named, bounded and explained.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/settings.hpp"
#include "values/rate.hpp"

namespace waxseal::server {

/// Where a key's value goes, which says its type as well.
using SettingField =
    std::variant<std::function<std::string&(Settings&)>, std::function<bool&(Settings&)>,
                 std::function<std::int64_t&(Settings&)>, std::function<std::chrono::seconds&(Settings&)>,
                 std::function<std::vector<std::string>&(Settings&)>>;

struct SettingKey {
  std::string_view section;
  std::string_view name;
  SettingField field;
  std::string_view meaning;               ///< One sentence for docs and messages.
  std::vector<std::string_view> choices;  ///< Allowed values of a text or of each item of a list; empty: any.
  std::int64_t least = 0;                 ///< Bounds of numbers, and of durations in seconds.
  std::int64_t most = 0;

  std::string full_name() const { return std::string{section} + "." + std::string{name}; }
};

const std::vector<SettingKey>& setting_keys();

/// "5/h", "100/d", "5/10m": a count from 1 to 1,000,000, a slash, and a period from 1 s to 30 d as `parse_duration` reads it,
/// where a unit alone is one of it.
std::optional<Rate> parse_rate(std::string_view text);

/// The key of that section and name, or null.
const SettingKey* find_setting_key(std::string_view section, std::string_view name);

/// "7d", "12h", "30m", "45s": the units w d h m s, one number, one unit.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// The same the other way round, in days if they are whole and in seconds otherwise.
std::string duration_text(std::chrono::seconds duration);

}  // namespace waxseal::server
