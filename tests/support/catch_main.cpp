// Catch2 2 wants one translation unit that asks for its main; version 3 brings its own as a library.
#define CATCH_CONFIG_MAIN
#include "catch.hpp"
