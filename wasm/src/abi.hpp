#pragma once
/// @file abi.hpp
/// The border between the core and the page: what the module exports, and the layout of what it answers. No rule of a
/// link lives here. The other side is wasm/npm/src/core.ts.
///
/// Texts go in as a pointer and a size in bytes of UTF-8, in memory that `waxseal_allocate` gave. Answers are structs
/// whose numbers, pointers included, are 32-bit little-endian ones in the module; they hold until room for the next
/// request is asked for. Natively, for the tests, who asks deletes the answer.

#include <cstdint>
#include <string>

#include <waxseal/check.hpp>
#include <waxseal/email_address.hpp>

/// Makes a function an export of the module. Natively it is an ordinary C function.
#ifdef __EMSCRIPTEN__
#define WAXSEAL_EXPORT(name) extern "C" __attribute__((export_name(#name)))
#else
#define WAXSEAL_EXPORT(name) extern "C"
#endif

namespace waxseal::abi {

/// Changes with every change of this file. A package refuses a module of another version.
inline constexpr std::uint32_t version = 2;

struct Text {
  const char* data;
  std::uint32_t size;
  std::string_view view() const { return {data, size}; }
};

/// No keys at all, in the place of how many there are.
inline constexpr std::uint32_t no_keys = 0xffffffff;

/// The first four are those of `LinkStatus`.
enum Status : std::uint32_t { ready, expired, altered, malformed, misuse };

struct CheckAnswer {
  double expires_at_unix_s;   ///< 0 when malformed.
  Status status;              ///< misuse: the template is none, and the first text says why.
  std::uint32_t authentic;    ///< 1 if a key confirms the link, else 0.
  std::uint32_t unknown_key;  ///< 1 if the link names a key that was not given.
  std::uint32_t missing;      ///< Bit n: the value `link_field_names[n]` is absent or empty.
  Text values[4];             ///< user_id, email, timestamp, signature.

  LinkCheck check;  ///< What the texts point into.
  std::string template_problem;
};

}  // namespace waxseal::abi

WAXSEAL_EXPORT(waxseal_abi_version) std::uint32_t waxseal_abi_version();

/// @param link_template  Its size is 0 for none.
/// @param keys           `key_count` public keys, or `no_keys`: the 4 bytes of the id, then the 32 of the key.
/// @param purpose        0: register-email, 1: undo-email.
/// @param now, period    Seconds, whole numbers within +-2^53; the period not below 0.
WAXSEAL_EXPORT(waxseal_check)
const waxseal::abi::CheckAnswer* waxseal_check(const char* url, std::uint32_t url_size, const char* link_template,
                                               std::uint32_t link_template_size, const std::uint8_t* keys,
                                               std::uint32_t key_count, std::uint32_t purpose, double now_unix_s,
                                               double period_s);

/// @param address  Its domain in ASCII or A-labels already.
/// @param policy   0: strict, 1: django.
/// @return         1 if the policy accepts it, else 0.
WAXSEAL_EXPORT(waxseal_accepts_email)
std::uint32_t waxseal_accepts_email(const char* address, std::uint32_t size, std::uint32_t policy);
