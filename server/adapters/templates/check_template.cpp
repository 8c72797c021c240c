#include "adapters/templates/check_template.hpp"

#include <algorithm>
#include <charconv>

#include <kainjow/mustache.hpp>

namespace waxseal::server {
namespace {

using Component = kainjow::mustache::component<std::string>;
using Tag = kainjow::mustache::tag_type;

struct ParsedTemplate {
  Component root;
  std::string error;  ///< Empty: none. Ends in " at POSITION".
};

/// The parser of the library alone, for it knows where each tag stands.
ParsedTemplate parse(const std::string& source) {
  ParsedTemplate parsed;
  kainjow::mustache::context<std::string> no_values;
  kainjow::mustache::context_internal<std::string> state{no_values};
  try {
    const kainjow::mustache::parser<std::string> parser{source, state, parsed.root, parsed.error};
  } catch (const std::out_of_range&) {  // a text that ends within a tag's first characters
    parsed.error = "Unclosed tag at " + std::to_string(source.size());
  }
  return parsed;
}

int line_at(const std::string& source, std::size_t position) {
  const auto end = source.begin() + static_cast<std::ptrdiff_t>(std::min(position, source.size()));
  return 1 + static_cast<int>(std::count(source.begin(), end, '\n'));
}

/// "Unclosed tag at 17": what, and on which line.
TemplateMistake mistake_of(const std::string& source, const std::string& error) {
  const std::size_t at = error.rfind(" at ");
  std::size_t position = 0;
  std::from_chars(error.data() + at + 4, error.data() + error.size(), position);
  return {line_at(source, position), error.substr(0, at)};
}

std::vector<std::string> values_of(MailKind kind) {
  std::vector<std::string> names{"account", "email", "requested_at", "site", "valid_for"};
  if (kind == MailKind::verify_email || kind == MailKind::change_notice) names.emplace_back("link");
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

class TagJudge {
 public:
  TagJudge(MailKind kind, TemplatePart part, const std::vector<std::string>& languages)
      : kind_(kind), part_(part), languages_(languages), values_(values_of(kind)) {}

  /// Empty: nothing is wrong with it.
  std::string judge(const std::string& name, Tag type) const {
    if (type == Tag::text || type == Tag::comment || type == Tag::set_delimiter || type == Tag::section_end) return {};
    if (type == Tag::partial) return judge_partial(name);
    if (std::find(values_.begin(), values_.end(), name) == values_.end()) {
      return "{{" + name + "}} has no value in a " + std::string{name_of(kind_)} + " mail; known: " + listed(values_);
    }
    const bool raw = type == Tag::unescaped_variable && part_ == TemplatePart::html;
    return raw ? "{{" + name +
                     "}} is not escaped: with two braces and no & it is, and nobody can put markup into the mail"
               : "";
  }

 private:
  std::string judge_partial(const std::string& name) const {
    for (const std::string& language : languages_) {
      if (!partial(name, kind_, language, part_))
        return "{{> " + name + "}} is no sentence of a " + std::string{name_of(kind_)} + " mail";
    }
    return {};
  }

  MailKind kind_;
  TemplatePart part_;
  const std::vector<std::string>& languages_;
  std::vector<std::string> values_;
};

}  // namespace

std::vector<TemplateMistake> check_template(const std::string& source, MailKind kind, TemplatePart part,
                                            const std::vector<std::string>& languages) {
  ParsedTemplate parsed = parse(source);
  if (!parsed.error.empty()) return {mistake_of(source, parsed.error)};
  const TagJudge judge{kind, part, languages};
  std::vector<TemplateMistake> mistakes;
  parsed.root.walk_children([&](Component& component) {
    std::string message = judge.judge(component.tag.name, component.tag.type);
    if (!message.empty()) mistakes.push_back({line_at(source, component.position), std::move(message)});
    return Component::walk_control::walk;
  });
  return mistakes;
}

bool uses_value(const std::string& source, std::string_view name) {
  ParsedTemplate parsed = parse(source);
  bool found = false;
  parsed.root.walk_children([&](Component& component) {
    const bool is_value = component.tag.type == Tag::variable || component.tag.type == Tag::unescaped_variable;
    found = found || (is_value && component.tag.name == name);
    return Component::walk_control::walk;
  });
  return found;
}

}  // namespace waxseal::server
