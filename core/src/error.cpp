#include <waxseal/error.hpp>

namespace waxseal {
namespace {

struct ErrorText {
  std::string_view wire_name;
  std::string_view detail;
  std::string_view advice;
};

constexpr std::array error_texts = {
#define WAXSEAL_ERROR_CODE(enumerator, wire_name, detail, advice) ErrorText{wire_name, detail, advice},
#include <waxseal/error_codes.def>
#undef WAXSEAL_ERROR_CODE
};

const ErrorText& text_of(ErrorCode code) { return error_texts[static_cast<std::size_t>(code)]; }

}  // namespace

std::string_view wire_name(ErrorCode code) { return text_of(code).wire_name; }

std::optional<ErrorCode> error_code_of(std::string_view name) {
  for (const ErrorCode code : all_error_codes) {
    if (wire_name(code) == name) return code;
  }
  return std::nullopt;
}

std::string_view public_detail(ErrorCode code) { return text_of(code).detail; }

std::string_view advice(ErrorCode code) { return text_of(code).advice; }

}  // namespace waxseal
