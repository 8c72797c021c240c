// The first line is a template, the rest a URL. Whatever is accepted as a template reads back every link that it wrote.

#include <waxseal/link.hpp>

#include "require.hpp"

using namespace waxseal;
using fuzz::require;

namespace {

void require_reads_back(const LinkTemplate& link_template, const Link& link) {
  const std::string url = link_template.write(link);
  if (url.size() <= max_link_bytes) require(link_template.read(url) == link);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const std::size_t line = text.find('\n');
  const std::string_view url = line == std::string_view::npos ? std::string_view{} : text.substr(line + 1);
  const auto link_template = LinkTemplate::parse(text.substr(0, line));
  if (!link_template) return 0;
  require_reads_back(*link_template, {"1", "ada+new@bücher.example", "1700000000", "AbCdEf-_0123456789xyz"});
  require_reads_back(*link_template, {"a/b?c&d#e", "\"{x}\"@a.example", "0", "%41"});
  if (const auto link = link_template->read(url)) require_reads_back(*link_template, *link);
  return 0;
}
