#include <waxseal/secret_memory.hpp>

#include <sodium.h>

#include <cstdlib>

#include <waxseal/bytes.hpp>

namespace waxseal {

void wipe(void* data, std::size_t size) { sodium_memzero(data, size); }

void* guarded_allocate(std::size_t size) {
  // libsodium has to know the size of a page first. Better no server than one whose keys lie open.
  void* const allocated = prepare_crypto() ? sodium_malloc(size) : nullptr;
  if (allocated == nullptr) std::abort();
  return allocated;
}

// Fails only where there is no such protection, as in WebAssembly.
void guarded_make_read_only(void* allocated) { static_cast<void>(sodium_mprotect_readonly(allocated)); }

void guarded_free(void* allocated) { sodium_free(allocated); }

}  // namespace waxseal
