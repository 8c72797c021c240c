#pragma once
/// @file accept_language.hpp
/// Which of our languages a client would read best: RFC 9110 section 12.5.4, matched by lookup (RFC 4647 section 3.4).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waxseal::server {

/// A header longer than this is not read. Bytes.
inline constexpr std::size_t max_accept_language_bytes = 1024;

/// The language of `available` that the header likes best. Ranges are tried by their q, those of q=0 never, each shortened
/// from its end until one fits; `pt` fits `pt-BR`, and so does `pt-PT`, for want of a better. Case does not matter.
/// @param header    As it came. Items that are none are passed over.
/// @return          `fallback` for `*`, for no header, and where nothing fits.
std::string choose_language(std::optional<std::string_view> header, const std::vector<std::string>& available,
                            const std::string& fallback);

}  // namespace waxseal::server
