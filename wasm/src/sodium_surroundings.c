/* What the files of libsodium that we compile expect around them, in a module that has no random numbers, no threads
 * and no processor features to choose by. Nothing here is secret and nothing is chosen at run time. */

#include <stddef.h>

#include <sodium/core.h>
#include <sodium/randombytes.h>

/* There is nothing to set up: the portable code is the only one, and no generator has to be seeded. */
int sodium_init(void) { return 0; }

/* Called where an argument breaks libsodium's own rules: a bug, so a trap. */
void sodium_misuse(void) { __builtin_trap(); }

/* The core takes its randomness from outside. Should a change ever reach for it here, it stops instead of guessing. */
void randombytes_buf(void* const buffer, const size_t size) {
  (void)buffer;
  (void)size;
  __builtin_trap();
}
