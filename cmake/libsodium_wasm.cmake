# libsodium for wasm32, compiled here from its pinned source: only the files that the core calls, so that it takes
# seconds and needs no autotools. Gives the target `waxseal_libsodium`.
#
# The source is the archive of upstream's tag 1.0.18 (commit 4f5e89fa), which is also the .orig.tar.gz of Debian's
# source package, byte for byte. script/bootstrap fetches it through Debian's package tools, so that the build works
# where the rest of the internet is closed. Whatever the road, the hash decides. Debian's patch for CVE-2025-69277 is
# not missing here: it mends crypto_core_ed25519_is_valid_point, which neither we nor the functions that we call use.

include(FetchContent)
enable_language(C)

if(DEFINED ENV{WAXSEAL_CACHE})
  set(waxseal_cache $ENV{WAXSEAL_CACHE})
else()
  set(waxseal_cache $ENV{HOME}/.cache/waxseal)
endif()

set(libsodium_archive ${waxseal_cache}/sources/libsodium_1.0.18.orig.tar.gz)
if(NOT EXISTS ${libsodium_archive})
  set(libsodium_archive https://github.com/jedisct1/libsodium/archive/refs/tags/1.0.18.tar.gz)
endif()
FetchContent_Declare(libsodium
  URL ${libsodium_archive}
  URL_HASH SHA256=d59323c6b712a1519a5daf710b68f5e7fde57040845ffec53850911f10a5d4f4
  DOWNLOAD_EXTRACT_TIMESTAMP OFF)
FetchContent_MakeAvailable(libsodium)
set(sodium_root ${libsodium_SOURCE_DIR}/src/libsodium)

# What upstream's configure would write, and where: into the unpacked archive, which is in the build tree.
set(VERSION 1.0.18)
set(SODIUM_LIBRARY_VERSION_MAJOR 10)
set(SODIUM_LIBRARY_VERSION_MINOR 3)
set(SODIUM_LIBRARY_MINIMAL_DEF "")
configure_file(${sodium_root}/include/sodium/version.h.in ${sodium_root}/include/sodium/version.h @ONLY)

# SHA-256 and SHA-512 are unrolled sixteenfold there, for speed that a link of a few hundred bytes never sees. Rolled up
# again they are a fifth of the size. The arithmetic stays upstream's.
function(waxseal_roll_up_sha bits)
  file(READ ${sodium_root}/crypto_hash/sha${bits}/cp/hash_sha${bits}_cp.c source)
  string(REGEX REPLACE "\n *(RNDr\\(S, |MSCH\\()W, ([1-9]|1[0-5]), i\\);" "" source "${source}")
  string(REGEX REPLACE "(RNDr\\(S, |MSCH\\()W, 0, i\\);" "for (int step = 0; step < 16; ++step) { \\1W, step, i); }"
         source "${source}")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/libsodium/hash_sha${bits}_cp.c CONTENT "${source}" @ONLY)
endfunction()
waxseal_roll_up_sha(256)
waxseal_roll_up_sha(512)

add_library(waxseal_libsodium STATIC
  ${sodium_root}/crypto_auth/hmacsha256/auth_hmacsha256.c
  ${CMAKE_SOURCE_DIR}/wasm/src/libsodium/ed25519_ref10_small.c
  ${sodium_root}/crypto_generichash/blake2b/generichash_blake2.c
  ${sodium_root}/crypto_generichash/blake2b/ref/blake2b-compress-ref.c
  ${sodium_root}/crypto_generichash/blake2b/ref/blake2b-ref.c
  ${sodium_root}/crypto_generichash/blake2b/ref/generichash_blake2b.c
  ${sodium_root}/crypto_generichash/crypto_generichash.c
  ${CMAKE_CURRENT_BINARY_DIR}/libsodium/hash_sha256_cp.c
  ${sodium_root}/crypto_hash/sha256/hash_sha256.c
  ${CMAKE_CURRENT_BINARY_DIR}/libsodium/hash_sha512_cp.c
  ${sodium_root}/crypto_hash/sha512/hash_sha512.c
  ${sodium_root}/crypto_kdf/blake2b/kdf_blake2b.c
  ${sodium_root}/crypto_kdf/crypto_kdf.c
  ${sodium_root}/crypto_sign/crypto_sign.c
  ${sodium_root}/crypto_sign/ed25519/ref10/keypair.c
  ${sodium_root}/crypto_sign/ed25519/ref10/open.c
  ${sodium_root}/crypto_sign/ed25519/ref10/sign.c
  ${sodium_root}/crypto_sign/ed25519/sign_ed25519.c
  ${sodium_root}/crypto_verify/sodium/verify.c
  ${sodium_root}/sodium/utils.c
  ${CMAKE_SOURCE_DIR}/wasm/src/sodium_surroundings.c)
target_include_directories(waxseal_libsodium SYSTEM INTERFACE ${sodium_root}/include)
# Before upstream's own headers: wasm/src/libsodium/ stands in the place of one of them.
target_include_directories(waxseal_libsodium BEFORE PRIVATE ${CMAKE_SOURCE_DIR}/wasm/src/libsodium)
target_include_directories(waxseal_libsodium PRIVATE ${sodium_root} ${sodium_root}/include ${sodium_root}/include/sodium)
# Of what configure finds out, that which holds for wasm32. Without HAVE_TI_MODE the field arithmetic is the 32-bit one,
# as upstream chooses for WebAssembly, and without HAVE_MMAP and HAVE_MLOCK its guarded heap is plain malloc.
target_compile_definitions(waxseal_libsodium PRIVATE
  CONFIGURED=1 NATIVE_LITTLE_ENDIAN=1 HAVE_WEAK_SYMBOLS=1 HAVE_C_VARARRAYS=1 HAVE_GCC_MEMORY_FENCES=1 _GNU_SOURCE=1)
target_compile_options(waxseal_libsodium PRIVATE -Oz -ffunction-sections -fdata-sections -fno-strict-aliasing -w)
