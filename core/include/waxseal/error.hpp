#pragma once
/// @file error.hpp
/// What went wrong, as a value: every fallible function of Waxseal returns a `Result`. Pure.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace waxseal {

/// Everything that can go wrong; one enumerator a line of `error_codes.def`.
enum class ErrorCode {
#define WAXSEAL_ERROR_CODE(enumerator, wire_name, detail, advice) enumerator,
#include <waxseal/error_codes.def>
#undef WAXSEAL_ERROR_CODE
};

/// Every code, in the order of `error_codes.def`.
inline constexpr auto all_error_codes = std::array{
#define WAXSEAL_ERROR_CODE(enumerator, wire_name, detail, advice) ErrorCode::enumerator,
#include <waxseal/error_codes.def>
#undef WAXSEAL_ERROR_CODE
};

/// The code's name as clients see it, e.g. "signature-expired". Lower case, never empty, never changed.
std::string_view wire_name(ErrorCode code);

/// The code of a wire name, or nothing if there is no such name.
std::optional<ErrorCode> error_code_of(std::string_view wire_name);

/// The sentence an API client gets, in English. May be shown to anybody: it holds no data.
std::string_view public_detail(ErrorCode code);

/// What a person should do next, in English.
std::string_view advice(ErrorCode code);

/// A failure: a code for clients, a detail for the log.
struct Error {
  ErrorCode code;
  std::string log_detail;  ///< For the operator. Never sent to a client. Holds no secret and no signature.
};

/// A value or an `Error`.
template <typename Value>
using Result = tl::expected<Value, Error>;

/// Shortens `return tl::make_unexpected(Error{...})`.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string log_detail) {
  return tl::make_unexpected(Error{code, std::move(log_detail)});
}

}  // namespace waxseal
