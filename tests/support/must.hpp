#pragma once
/// @file must.hpp
/// For the steps before the one that a test is about: they work, or the test ends with the reason.

#include <stdexcept>

#include <waxseal/error.hpp>

namespace waxseal::test {

template <typename Failure>
void must(const tl::expected<void, Failure>& done) {
  if (!done) throw std::runtime_error{done.error().log_detail};
}

template <typename Value, typename Failure>
Value must(tl::expected<Value, Failure> result) {
  if (!result) throw std::runtime_error{result.error().log_detail};
  return std::move(*result);
}

}  // namespace waxseal::test
