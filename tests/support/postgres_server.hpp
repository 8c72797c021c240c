#pragma once
/// @file postgres_server.hpp
/// A PostgreSQL server for the tests of one program, and a schema of its own for each test.

#include <string>

namespace waxseal::test {

/// The URL of a running server: the one that CTest started for all, else one that is started now and ends with this program.
/// Throws "SKIPPED: …" where PostgreSQL is not installed.
const std::string& postgres_server_url();

/// The URL of a new, empty schema, which all that is made there goes into. `options` are more parameters, each after an `&`.
std::string new_postgres_schema(const std::string& options = "");

}  // namespace waxseal::test
