#pragma once
/// @file error_response.hpp
/// From an error to what a client sees: the one table of statuses, and the shapes of Django REST Framework.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.hpp"

namespace waxseal::server {

int status_of(ErrorCode code);

/// `{"detail": …, "code": …}` with the code's own sentence, its status and its headers.
HttpResponse error_response(const Error& error);

/// The same with another sentence, where DRF's says more: `Method "PUT" not allowed.`
HttpResponse error_response(ErrorCode code, std::string_view detail, std::string log_detail = {});

/// The same spelled as a list under `key`: `{"non_field_errors": ["Invalid signature"]}`. The code is in the header alone.
HttpResponse listed_error_response(const std::string& key, const Error& error);

/// Names of fields with what is wrong with each, in order: `{"email": ["This field is required."]}`.
using FieldErrors = std::vector<std::pair<std::string, std::vector<std::string>>>;
HttpResponse field_error_response(const FieldErrors& errors);

/// A success: `{"detail": …}`; with a code, where there are several ways to succeed, in the body and in `Waxseal-Code`.
HttpResponse detail_response(std::string_view detail, std::optional<std::string_view> code);

/// `{"status": …}`: what machines ask for that watch.
HttpResponse status_response(std::string_view status);

}  // namespace waxseal::server
