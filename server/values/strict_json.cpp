#include "values/strict_json.hpp"

#include <optional>
#include <string>
#include <vector>

namespace waxseal::server {
namespace {

using nlohmann::json;

/// Builds the value and watches for names that stand twice in one object: two readers might pick different ones. An
/// integer beyond 64 bits is kept as a text, digit for digit, for to Python it is an integer like any other.
class StrictReader final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return add(nullptr); }
  bool boolean(bool part) override { return add(part); }
  bool number_integer(number_integer_t part) override { return add(part); }
  bool number_unsigned(number_unsigned_t part) override { return add(part); }
  bool number_float(number_float_t part, const string_t& spelling) override {
    return spelling.find_first_of(".eE") == string_t::npos ? add(spelling) : add(part);
  }
  bool string(string_t& part) override { return add(std::move(part)); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& name) override {
    repeated = repeated || open_.back()->contains(name);
    key_ = name;
    return true;
  }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string& token, const json::exception& error) override {
    constexpr int number_overflow = 406;
    if (error.id == number_overflow && token.find_first_of(".eE") == std::string::npos) {
      overlong_integer = {position - token.size(), token.size()};
    }
    return false;
  }

  /// Where in the text an integer stands that the library cannot read: no double is as large.
  struct Place {
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  std::optional<Place> overlong_integer;
  json value;
  bool repeated = false;

 private:
  json& place(json&& part) {
    if (open_.empty()) return value = std::move(part);
    json& parent = *open_.back();
    if (parent.is_object()) return parent[key_] = std::move(part);
    parent.push_back(std::move(part));
    return parent.back();
  }
  bool add(json&& part) {
    place(std::move(part));
    return true;
  }
  bool open(json&& part) {
    open_.push_back(&place(std::move(part)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<json*> open_;  ///< From the outermost in. Nothing is added to one while another is open in it.
  std::string key_;
};

}  // namespace

StrictJson parse_strictly(std::string_view text) {
  // An integer that the library cannot read is quoted: as a text it is kept anyway.
  std::string readable{text};
  StrictReader reader;
  while (!json::sax_parse(readable, &reader)) {
    if (!reader.overlong_integer) return {json(json::value_t::discarded), false};
    const auto [offset, size] = *reader.overlong_integer;
    readable.insert(offset + size, 1, '"').insert(offset, 1, '"');
    reader = {};
  }
  return {std::move(reader.value), reader.repeated};
}

}  // namespace waxseal::server
