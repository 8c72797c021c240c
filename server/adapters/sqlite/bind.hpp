#pragma once
/// @file bind.hpp
/// Binding our types to the numbered parameters of a statement, private to this adapter.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>
#include <waxseal/bytes.hpp>
#include <waxseal/expiry.hpp>

namespace waxseal::server {

inline void bind_one(SQLite::Statement& statement, int index, std::string_view text) {
  statement.bind(index, std::string{text});
}
inline void bind_one(SQLite::Statement& statement, int index, const char* text) { statement.bind(index, text); }
inline void bind_one(SQLite::Statement& statement, int index, std::int64_t value) { statement.bind(index, value); }
inline void bind_one(SQLite::Statement& statement, int index, std::uint32_t value) {
  statement.bind(index, static_cast<std::int64_t>(value));
}
inline void bind_one(SQLite::Statement& statement, int index, bool value) { statement.bind(index, value ? 1 : 0); }
inline void bind_one(SQLite::Statement& statement, int index, UnixTime time) {
  statement.bind(index, static_cast<std::int64_t>(to_unix_s(time)));
}
inline void bind_one(SQLite::Statement& statement, int index, const ByteArray<32>& bytes) {
  statement.bind(index, bytes.data(), static_cast<int>(bytes.size()));
}
/// Nothing is NULL.
template <typename Value>
void bind_one(SQLite::Statement& statement, int index, const std::optional<Value>& value) {
  value ? bind_one(statement, index, *value) : statement.bind(index);
}

/// Binds the values to `?1`, `?2` and so on.
template <typename... Values>
SQLite::Statement& bind_all(SQLite::Statement& statement, const Values&... values) {
  int index = 0;
  (bind_one(statement, ++index, values), ...);
  return statement;
}

}  // namespace waxseal::server
