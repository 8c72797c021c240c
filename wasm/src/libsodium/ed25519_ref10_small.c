/* libsodium's arithmetic of Ed25519, with the two functions that are large for the sake of speed written small. All
 * else is upstream's file, which stands here whole. Nothing that the page computes with is secret, so that time may
 * depend on it, as it does in upstream's `ge25519_double_scalarmult_vartime`, too. */

#define ge25519_double_scalarmult_vartime upstream_double_scalarmult_vartime
#define sc25519_reduce upstream_reduce
#include <crypto_core/ed25519/ref10/ed25519_ref10.c>
#undef ge25519_double_scalarmult_vartime
#undef sc25519_reduce

#define ODD_MULTIPLES 8
#define DIGITS 256

typedef struct {
  ge25519_cached of_point[ODD_MULTIPLES]; /* 1, 3 ... 15 times the point */
  signed char digits[DIGITS];             /* the scalar, as odd digits within 15 and zeros */
} Term;

static void set_term(Term* const term, const ge25519_p3* const point, const unsigned char* const scalar) {
  ge25519_p1p1 sum;
  ge25519_p3 twice;
  ge25519_p3 multiple = *point;
  slide_vartime(term->digits, scalar);
  ge25519_p3_dbl(&sum, point);
  ge25519_p1p1_to_p3(&twice, &sum);
  for (int i = 0; i < ODD_MULTIPLES; ++i) {
    ge25519_p3_to_cached(&term->of_point[i], &multiple);
    ge25519_add(&sum, &twice, &term->of_point[i]);
    ge25519_p1p1_to_p3(&multiple, &sum);
  }
}

/* r = a A + b B, where B is the base point. Upstream has a table of the multiples of B, 960 bytes that do not compress;
 * here they are computed as those of A are. */
void ge25519_double_scalarmult_vartime(ge25519_p2* r, const unsigned char* a, const ge25519_p3* A,
                                       const unsigned char* b) {
  unsigned char base[32];
  ge25519_p3 B;
  ge25519_p1p1 sum;
  ge25519_p3 before;
  Term terms[2];

  /* RFC 8032 section 5.1: y is 4/5 and x even. The sign is set, for the function negates. */
  memset(base, 0x66, sizeof base);
  base[0] = 0x58;
  base[31] = 0xe6;
  (void)ge25519_frombytes_negate_vartime(&B, base);
  set_term(&terms[0], A, a);
  set_term(&terms[1], &B, b);

  ge25519_p2_0(r);
  for (int i = DIGITS - 1; i >= 0; --i) {
    ge25519_p2_dbl(&sum, r);
    for (int j = 0; j < 2; ++j) {
      const int digit = terms[j].digits[i];
      if (digit == 0) continue;
      ge25519_p1p1_to_p3(&before, &sum);
      (digit > 0 ? ge25519_add : ge25519_sub)(&sum, &before, &terms[j].of_point[abs(digit) / 2]);
    }
    ge25519_p1p1_to_p2(r, &sum);
  }
}

/* s modulo L, the order of the base point, where L = 2^252 + c. From 64 bytes, the lowest first, to 32; the others are
 * zero afterwards. Upstream does it with limbs of 21 bits, in 320 lines without a loop; this does it byte by byte, as
 * TweetNaCl does. Each step takes 16 L times the highest byte away, 32 bytes below it: 16 L is 2^256 + 16 c, so that the
 * byte is gone and -16 c times it is left, which reaches no further than 17 bytes; the carry ends in the next four.
 * Limbs are within -129 and 256 then, and no product or sum passes 2^21. */
void sc25519_reduce(unsigned char s[64]) {
  static const unsigned char L[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                      0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  int32_t limbs[64];
  int32_t carry = 0;
  for (int i = 0; i < 64; ++i) limbs[i] = s[i];
  for (int i = 63; i >= 32; --i) {
    carry = 0;
    for (int j = 0; j < 20; ++j) {
      int32_t* const limb = &limbs[i - 32 + j];
      *limb += carry - 16 * limbs[i] * L[j];
      carry = (*limb + 128) >> 8;
      *limb -= carry * 256;
    }
    limbs[i - 12] += carry;
    limbs[i] = 0;
  }
  /* What is left is a number of 256 bits with a sign: away with all above 2^252, which may go below zero by one L. */
  carry = 0;
  const int32_t times = limbs[31] >> 4;
  for (int j = 0; j < 32; ++j) {
    limbs[j] += carry - times * L[j];
    carry = limbs[j] >> 8;
    limbs[j] &= 255;
  }
  for (int j = 0; j < 32; ++j) limbs[j] -= carry * L[j];
  carry = 0;
  for (int j = 0; j < 32; ++j) {
    limbs[j] += carry;
    carry = limbs[j] >> 8;
    s[j] = limbs[j] & 255;
  }
  memset(s + 32, 0, 32);
}
