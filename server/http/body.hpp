#pragma once
/// @file body.hpp
/// The body of a request as one JSON object, whether it came as JSON or as a form.

#include <nlohmann/json.hpp>

#include "http/message.hpp"

namespace waxseal::server {

/// Reads application/json, application/x-www-form-urlencoded or multipart/form-data by the request's Content-Type.
/// An empty body is an empty object. A form's values are texts.
/// Refuses, as the answer to send:  413, 415, a JSON error, a member or form field that stands twice, a JSON value that
/// is no object (DRF's `non_field_errors`).
tl::expected<nlohmann::json, HttpResponse> read_body(const HttpRequest& request);

}  // namespace waxseal::server
