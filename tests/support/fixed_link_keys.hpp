#pragma once
/// @file fixed_link_keys.hpp
/// The keys of links as a test lays them out, with the set that a second reading would find.

#include <initializer_list>
#include <string_view>

#include "ports/link_keys.hpp"
#include "support/must.hpp"

namespace waxseal::test {

/// A signing key whose seed is `number` 32 times.
inline SigningKey numbered_key(std::uint8_t number) {
  ByteArray<32> seed{};
  seed.fill(number);
  return SigningKey::from_seed(seed);
}

inline std::shared_ptr<const server::LinkKeySet> link_keys(std::initializer_list<std::uint8_t> oldest_first,
                                                           std::initializer_list<std::string_view> secrets = {}) {
  auto set = std::make_shared<server::LinkKeySet>();
  for (const std::uint8_t number : oldest_first) must(set->ring.add(numbered_key(number)));
  for (const std::string_view secret : secrets) set->django.push_back(std::move(*DjangoSigner::create(secret)));
  return set;
}

class FixedLinkKeys final : public server::LinkKeys {
 public:
  std::shared_ptr<const server::LinkKeySet> current() override { return in_force; }
  std::shared_ptr<const server::LinkKeySet> after_unknown_key() override {
    ++second_readings;
    if (on_disk) in_force = on_disk;
    return in_force;
  }
  std::shared_ptr<const server::LinkKeySet> in_force = link_keys({1});
  std::shared_ptr<const server::LinkKeySet> on_disk;  ///< Null: the same as in force.
  int second_readings = 0;
};

}  // namespace waxseal::test
