#pragma once
/// @file catch.hpp
/// The one way to Catch2: what versions 2 and 3 share, and nothing else.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
