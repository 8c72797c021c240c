#include <waxseal/django_signer.hpp>

#include <sodium.h>

#include <waxseal/bytes.hpp>
#include <waxseal/secret_memory.hpp>

namespace waxseal {
namespace {

// Opcodes of Python's pickle, protocol 4 (PEP 3154), as CPython writes a list of pairs of strings.
constexpr std::string_view pickle_start = "\x80\x04";  // PROTO 4
constexpr char frame = '\x95';
constexpr std::string_view empty_list_memoize_mark = "]\x94(";
constexpr char short_binunicode = '\x8c';
constexpr char binunicode = 'X';
constexpr char memoize = '\x94';
constexpr std::string_view tuple2_memoize = "\x86\x94";
constexpr std::string_view appends_stop = "e.";

void append_little_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

void append_string(std::string& out, std::string_view text) {
  if (text.size() < 256) {
    out += short_binunicode;
    append_little_endian(out, text.size(), 1);
  } else {
    out += binunicode;
    append_little_endian(out, text.size(), 4);
  }
  out += text;
  out += memoize;
}

void append_pair(std::string& out, std::string_view name, std::string_view value) {
  append_string(out, name);
  append_string(out, value);
  out += tuple2_memoize;
}

/// What `pickle.dumps(sorted(data.items()), protocol=4)` writes. Never two equal strings: CPython would write the second
/// one as a reference to the first if they are one object, which no other program can know.
std::string pickled_claims(const Link& link) {
  std::string body{empty_list_memoize_mark};
  append_pair(body, "email", link.email);
  append_pair(body, "timestamp", link.timestamp);
  append_pair(body, "user_id", link.user_id);
  body += appends_stop;

  std::string pickle{pickle_start};
  pickle += frame;
  append_little_endian(pickle, body.size(), 8);
  return pickle + body;
}

}  // namespace

/// Lives in guarded memory once and is never copied.
struct DjangoSigner::Secret {
  ByteArray<crypto_hash_sha256_BYTES> key{};

  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  static void* operator new(std::size_t size) { return guarded_allocate(size); }
  static void operator delete(void* secret) { guarded_free(secret); }
};

DjangoSigner::DjangoSigner(std::unique_ptr<Secret> secret) : secret_(std::move(secret)) {}
DjangoSigner::DjangoSigner(DjangoSigner&&) noexcept = default;
DjangoSigner& DjangoSigner::operator=(DjangoSigner&&) noexcept = default;
DjangoSigner::~DjangoSigner() = default;

Result<DjangoSigner> DjangoSigner::create(std::string_view secret_key) {
  if (secret_key.empty()) return fail(ErrorCode::internal, "the Django secret is empty");
  std::unique_ptr<Secret> secret{new Secret};
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  // Django's salted_hmac(salt, …): the salt of Django REST Registration's signer, then the secret.
  for (const std::string_view part : {std::string_view{"register-emailsigner"}, secret_key}) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  crypto_hash_sha256_final(&state, secret->key.data());
  wipe(&state, sizeof state);
  guarded_make_read_only(secret.get());
  return DjangoSigner{std::move(secret)};
}

std::string DjangoSigner::sign(const Link& link) const {
  const std::string message = pickled_claims(link);
  ByteArray<crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256(mac.data(), reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         secret_->key.data());
  return encode_base64url(mac);
}

bool DjangoSigner::verifies(const Link& link) const {
  const std::string expected = sign(link);
  return link.signature.size() == expected.size() &&
         sodium_memcmp(link.signature.data(), expected.data(), expected.size()) == 0;
}

}  // namespace waxseal
