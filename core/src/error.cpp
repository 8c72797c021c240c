#include <waxseal/error.hpp>

namespace waxseal {
namespace {

// Three tables, so that a program links only the texts that it speaks: the WebAssembly module names codes, no more.
constexpr std::array wire_names = {
#define WAXSEAL_ERROR_CODE(enumerator, wire_name, detail, advice) std::string_view{wire_name},
#include <waxseal/error_codes.def>
#undef WAXSEAL_ERROR_CODE
};

constexpr std::array details = {
#define WAXSEAL_ERROR_CODE(enumerator, wire_name, detail, advice) std::string_view{detail},
#include <waxseal/error_codes.def>
#undef WAXSEAL_ERROR_CODE
};

constexpr std::array advices = {
#define WAXSEAL_ERROR_CODE(enumerator, wire_name, detail, advice) std::string_view{advice},
#include <waxseal/error_codes.def>
#undef WAXSEAL_ERROR_CODE
};

constexpr std::size_t index_of(ErrorCode code) { return static_cast<std::size_t>(code); }

}  // namespace

std::string_view wire_name(ErrorCode code) { return wire_names[index_of(code)]; }

std::optional<ErrorCode> error_code_of(std::string_view name) {
  for (const ErrorCode code : all_error_codes) {
    if (wire_name(code) == name) return code;
  }
  return std::nullopt;
}

std::string_view public_detail(ErrorCode code) { return details[index_of(code)]; }

std::string_view advice(ErrorCode code) { return advices[index_of(code)]; }

}  // namespace waxseal
