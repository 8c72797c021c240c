#pragma once
/// @file secret_memory.hpp
/// Memory for secrets: libsodium's guarded heap for those that stay, wiped memory for those that pass through. In WebAssembly,
/// which has no pages of its own, both are ordinary memory that is wiped.

#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

namespace waxseal {

/// Overwrites, in a way that the compiler does not leave out.
void wipe(void* data, std::size_t size);

/// `size` bytes in pages of their own between pages that nobody may touch, locked against swapping as far as the system's limit
/// allows (RLIMIT_MEMLOCK), and left out of core dumps. Ends the program if there is no memory. Not aligned.
void* guarded_allocate(std::size_t size);

/// From now on a write ends the program.
void guarded_make_read_only(void* allocated);

/// Wipes and gives back. Ends the program if something was written past the end. Null is nothing.
void guarded_free(void* allocated);

/// One value in guarded memory. Move-only.
template <typename T>
class Guarded {
  static_assert(alignof(T) == 1, "guarded memory is not aligned");
  static_assert(std::is_trivially_destructible_v<T>, "the value is wiped, not destroyed");

 public:
  Guarded() : value_(new (guarded_allocate(sizeof(T))) T{}) {}
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }
  void make_read_only() { guarded_make_read_only(value_.get()); }

 private:
  struct Free {
    void operator()(T* value) const { guarded_free(value); }
  };
  std::unique_ptr<T, Free> value_;
};

/// Wipes what it gives back: for strings of secrets that are read or written.
template <typename T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <typename U>
  WipingAllocator(const WipingAllocator<U>&) {}
  T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
  void deallocate(T* place, std::size_t count) {
    wipe(place, count * sizeof(T));
    std::allocator<T>{}.deallocate(place, count);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

/// A text that is wiped when it goes. Texts under 16 bytes may stand in the object itself and are not.
using SecretString = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace waxseal
