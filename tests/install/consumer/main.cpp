// What a program that only reads links does: spells one, reads it back, and tells when it ends.

#include <chrono>
#include <iostream>

#include <waxseal/expiry.hpp>
#include <waxseal/link.hpp>

int main() {
  const auto link =
      waxseal::read_link("https://app.example/?user_id=1&email=a%40x.example&timestamp=100&signature=abc");
  if (!link) return 1;
  std::cout << link->email << '\n';
  return 0;
}
