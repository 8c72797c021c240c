#include "vectors.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace waxseal::test {

std::string in_sources(const std::string& path) { return std::string{WAXSEAL_SOURCES} + "/" + path; }

std::vector<nlohmann::json> read_vectors(const std::string& name) {
  const std::string path = in_sources("tests/vectors/" + name);
  std::ifstream file{path};
  std::vector<nlohmann::json> rows;
  for (std::string line; std::getline(file, line);) rows.push_back(nlohmann::json::parse(line, nullptr, false));
  if (rows.empty()) {
    std::fprintf(stderr, "no vectors in %s\n", path.c_str());
    std::abort();
  }
  return rows;
}

}  // namespace waxseal::test
