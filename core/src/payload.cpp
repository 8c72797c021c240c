#include <waxseal/payload.hpp>

#include <nlohmann/json.hpp>

#include "link_fields.hpp"

namespace waxseal {
namespace {

constexpr std::size_t max_payload_bytes = 65536;

/// Parses without exceptions and refuses a name that stands twice: two readers might pick different ones.
nlohmann::json parse_object(std::string_view json) {
  std::vector<std::vector<std::string>> names_of_open_objects;
  bool repeated = false;
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) names_of_open_objects.emplace_back();
    if (event == Event::object_end) names_of_open_objects.pop_back();
    if (event == Event::key) {
      auto& names = names_of_open_objects.back();
      const auto& name = parsed.get_ref<const std::string&>();
      for (const auto& seen : names) repeated = repeated || seen == name;
      names.push_back(name);
    }
    return true;
  };
  auto parsed = nlohmann::json::parse(json.begin(), json.end(), watch, /*allow_exceptions=*/false);
  if (repeated || !parsed.is_object()) return nlohmann::json(nlohmann::json::value_t::discarded);
  return parsed;
}

}  // namespace

std::string payload_to_json(const Link& link) {
  nlohmann::ordered_json payload;
  for (std::size_t i = 0; i < link_field_names.size(); ++i) {
    payload[std::string{link_field_names[i]}] = field_of(link, i);
  }
  return payload.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
}

Result<Link> payload_from_json(std::string_view json) {
  if (json.size() > max_payload_bytes) return fail(ErrorCode::parse_error, "longer than 65536 bytes");
  const nlohmann::json payload = parse_object(json);
  if (payload.is_discarded()) return fail(ErrorCode::parse_error, "not a JSON object, or a name twice");
  Link link;
  for (std::size_t i = 0; i < link_field_names.size(); ++i) {
    const auto member = payload.find(link_field_names[i]);
    if (member == payload.end() || !member->is_string() || member->get_ref<const std::string&>().empty()) {
      return fail(ErrorCode::invalid_fields, std::string{link_field_names[i]} + " is missing, empty or no string");
    }
    field_of(link, i) = member->get_ref<const std::string&>();
  }
  return link;
}

}  // namespace waxseal
