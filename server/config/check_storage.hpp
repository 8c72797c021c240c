#pragma once
/// @file check_storage.hpp
/// Where everything is kept. Nothing is opened.

#include "config/checker.hpp"

namespace waxseal::server {

void check_storage(const Settings& settings, Checker& check);

}  // namespace waxseal::server
