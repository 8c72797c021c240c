/* libsodium's field arithmetic, with squaring done by its multiplication. A square of its own is faster, but it is two
 * thirds as large as the multiplication again, twice, and a page checks one link.
 *
 * The bounds that ref10 states hold. fe25519_sq asks of its argument what fe25519_mul asks of both of its own. The only
 * argument of fe25519_sq2 is the Z of a point, which is a product and thus at most 1.01 * 2^25 in each limb, so that its
 * double is within the 1.65 * 2^26 that fe25519_mul allows. */

#include_next "private/ed25519_ref10.h"

static inline void waxseal_sq2(fe25519 h, const fe25519 f) {
  fe25519 twice;
  fe25519_add(twice, f, f);
  fe25519_mul(h, f, twice);
}

#define fe25519_sq(h, f) fe25519_mul(h, f, f)
#define fe25519_sq2(h, f) waxseal_sq2(h, f)
