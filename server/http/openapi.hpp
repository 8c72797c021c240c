#pragma once
/// @file openapi.hpp
/// The description of the API in OpenAPI 3.1, for people and generators. Its text is http/openapi.json.

#include <string>

#include "http/api.hpp"

namespace waxseal::server {

/// JSON. Paths begin with the configured base path, and `register-email` has the schemes that are configured, the proxy's with
/// its header. The rest is the same on every site.
std::string openapi_document(const ApiSettings& settings);

}  // namespace waxseal::server
