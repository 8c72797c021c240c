#pragma once
/// @file bind.hpp
/// Our types as the parameters of a statement, and back from its columns. Private to this adapter.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <pqxx/pqxx>
#include <waxseal/bytes.hpp>
#include <waxseal/expiry.hpp>

namespace waxseal::server {

/// A parameter in PostgreSQL's own spelling; nothing is NULL.
struct PostgresValue {
  std::optional<std::string> text;
};

inline PostgresValue value_of(std::string_view text) { return {std::string{text}}; }
inline PostgresValue value_of(const char* text) { return {text}; }
inline PostgresValue value_of(bool value) { return {value ? "t" : "f"}; }
inline PostgresValue value_of(UnixTime time) { return {std::to_string(to_unix_s(time))}; }
template <typename Number, std::enable_if_t<std::is_integral_v<Number>, int> = 0>
PostgresValue value_of(Number value) {
  return {std::to_string(value)};
}
inline PostgresValue value_of(const ByteArray<32>& bytes) { return {"\\x" + encode_hex(bytes.data(), bytes.size())}; }
template <typename Value>
PostgresValue value_of(const std::optional<Value>& value) {
  return value ? value_of(*value) : PostgresValue{};
}
/// An array. Its elements are numbers, bytes or names of ours: none needs more than quotes.
template <typename Value>
PostgresValue value_of(const std::vector<Value>& values) {
  std::string list;
  for (const Value& value : values) {
    const PostgresValue element = value_of(value);
    list += list.empty() ? "\"" : ",\"";
    for (const char c : *element.text) list.append(c == '\\' ? 2 : 1, c);
    list += "\"";
  }
  return {"{" + list + "}"};
}

/// Whether a text can be stored at all, or be equal to one that is: PostgreSQL knows neither NUL nor bytes that are not UTF-8.
bool is_storable(std::string_view text);

/// Words of others made fit to be stored: without what cannot be.
std::string storable(std::string_view text);

inline std::optional<UnixTime> time_of(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional{from_unix_s(field.as<std::int64_t>())};
}

}  // namespace waxseal::server

namespace pqxx {

template <>
struct string_traits<waxseal::server::PostgresValue> {
  static constexpr const char* name() noexcept { return "PostgresValue"; }
  static constexpr bool has_null() noexcept { return true; }
  static bool is_null(const waxseal::server::PostgresValue& value) { return !value.text; }
  static std::string to_string(const waxseal::server::PostgresValue& value) { return *value.text; }
};

}  // namespace pqxx
