// Of all texts that can be made from genuine links, none is confirmed but one that carries exactly the values that were signed.

#include <algorithm>
#include <array>

#include <waxseal/check.hpp>
#include <waxseal/django_signer.hpp>

#include "require.hpp"

using namespace waxseal;
using fuzz::require;

namespace {

/// What was signed: two links of one account and one of another, each for the purpose that its place says.
struct Genuine {
  Genuine() {
    keys.add(key.public_key());
    sign({"1", "ada.new@a.example", from_unix_s(1700000000)}, 7);
    sign({"1", "ada.newer@a.example", from_unix_s(1700000001)}, 8);
    sign({"2", "bob@bücher.example", from_unix_s(1700000002)}, 7);
    for (Link& link : django) link.signature = signer.sign(link);
  }
  void sign(const Claims& claims, LinkVersion version) {
    const auto signature = key.sign(Purpose::register_email, claims, version, {1, 2, 3, 4, 5, 6, 7, 8});
    links.push_back({claims.user_id, claims.email, to_text(claims.issued_at), encode_signature(signature)});
  }
  SigningKey key = SigningKey::from_seed(ByteArray<32>{1});
  PublicKeyRing keys;
  std::vector<Link> links;
  DjangoSigner signer = std::move(*DjangoSigner::create("a secret of these tests"));
  std::vector<Link> django{{"1", "ada.new@a.example", "1700000000", ""}, {"2", "bob@a.example", "1700000003", ""}};
};

bool contains(const std::vector<Link>& links, const Link& link) {
  return std::find(links.begin(), links.end(), link) != links.end();
}

/// Bytes of the input say which genuine link to begin with and which byte of its URL to set to what.
std::string changed(const Genuine& genuine, const std::uint8_t* data, std::size_t size) {
  if (size == 0) return {};
  const std::vector<Link>& links = data[0] % 2 == 0 ? genuine.links : genuine.django;
  std::string url = write_link("https://a.example/", links[data[0] / 2 % links.size()]);
  for (std::size_t i = 1; i + 2 < size; i += 3) {
    const std::size_t at = (static_cast<std::size_t>(data[i]) << 8 | data[i + 1]) % (url.size() + 1);
    if (at < url.size()) url[at] = static_cast<char>(data[i + 2]);
  }
  return url;
}

void require_only_genuine(const Genuine& genuine, std::string_view url) {
  const auto link = read_link(url);
  if (!link) return;
  if (genuine.keys.verify(Purpose::register_email, *link)) {
    require(contains(genuine.links, *link));
    require(encode_signature(*decode_signature(link->signature)) == link->signature);
    require(to_text(*parse_timestamp(link->timestamp)) == link->timestamp);
  }
  require(!genuine.keys.verify(Purpose::undo_email, *link));
  if (genuine.signer.verifies(*link)) require(contains(genuine.django, *link));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Genuine genuine;
  require_only_genuine(genuine, fuzz::text_of(data, size));
  require_only_genuine(genuine, changed(genuine, data, size));
  return 0;
}

/// Before anything is fuzzed: the genuine links are confirmed, or the target would prove nothing.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const Genuine genuine;
  for (const Link& link : genuine.links) require(genuine.keys.verify(Purpose::register_email, link).has_value());
  for (const Link& link : genuine.django) require(genuine.signer.verifies(link));
  return 0;
}
