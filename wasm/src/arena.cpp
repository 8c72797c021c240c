/// @file arena.cpp
/// The memory of the module, in the place of a general allocator. The module answers one request at a time, so its
/// memory is one stack of blocks that starts anew with each request: giving back is nothing, and costs no code.
/// The limit is the module's fixed memory. Beyond it the module traps, for no honest request comes near it:
/// wasm/npm/src/core.ts refuses larger ones.

#include <cstddef>
#include <cstdint>
#include <new>

#include "abi.hpp"

extern "C" std::uint8_t __heap_base;  // where the linker's own data and the stack end

namespace {

constexpr std::size_t block_alignment = 8;
constexpr std::size_t wasm_page_bytes = 65536;

std::uint8_t* top = &__heap_base;

}  // namespace

extern "C" void* malloc(std::size_t size) {
  std::uint8_t* const end = reinterpret_cast<std::uint8_t*>(__builtin_wasm_memory_size(0) * wasm_page_bytes);
  if (size > static_cast<std::size_t>(end - top) - block_alignment) __builtin_trap();
  void* const block = top;
  top += (size + block_alignment - 1) / block_alignment * block_alignment;
  return block;
}

extern "C" void free(void*) {}

/// What the standard library calls where a promise of the code is broken, never by a link. The
/// linker puts it in the place of `abort`, which would have to be imported.
extern "C" void __wrap_abort() { __builtin_trap(); }

void* operator new(std::size_t size) { return malloc(size); }
void operator delete(void*) noexcept {}
void operator delete(void*, std::size_t) noexcept {}

/// Room for a request. Ends what the one before was answered with.
WAXSEAL_EXPORT(waxseal_allocate) std::uint8_t* waxseal_allocate(std::uint32_t size) {
  top = &__heap_base;
  return static_cast<std::uint8_t*>(malloc(size));
}
