#pragma once
/// @file every_storage.hpp
/// The stores that the contract suite runs on. Each case runs on all three: a test counts them.

#include "adopted_postgres.hpp"
#include "adopted_storage.hpp"
#include "postgres_storage.hpp"

/// On tables of our own.
#define CONTRACT_TEST_CASE(name, tags) \
  TEMPLATE_TEST_CASE(name, tags "[store]", MemoryStorage, SqliteStorage, PostgresStorage)

/// On tables of our own and on adopted ones.
#define STORE_TEST_CASE(name, tags)                                                                                    \
  TEMPLATE_TEST_CASE(name, tags "[store]", MemoryStorage, SqliteStorage, PostgresStorage, IntegerStorage, TextStorage, \
                     PostgresIntegerStorage)
