#pragma once
/// @file folder_templates.hpp
/// A site's own templates, from a folder: `<kind>.{subject,text,html}.mustache` for every language,
/// `<language>/<kind>.{subject,text,html}.mustache` for one. They take the place of the built-in mail of that kind.

#include <map>
#include <string>
#include <vector>

#include <waxseal/server/mail_templates.hpp>

#include "adapters/templates/check_template.hpp"

namespace waxseal::server {

class FolderTemplates final : public TemplateSelector {
 public:
  struct Mistake {
    std::string where;  ///< "mails/de/verify_email.text.mustache:3", or a path without a line.
    std::string message;
  };

  /// Reads everything at once: what a mail is made of does not change under a running server.
  /// @param folder    Empty: there are no templates of the site's own.
  /// @param built_in  For kinds that the folder does not have. Outlives this.
  FolderTemplates(const std::string& folder, const TemplateSelector& built_in);

  /// A mail of one kind needs a subject and a text or HTML: files that are missing are told, like everything that
  /// `check_template` finds, files with other names, and a mail that should have a link and has none. Empty: all is well.
  const std::vector<Mistake>& mistakes() const { return mistakes_; }

  Result<MailTemplateSet> select(const MailFacts& facts) const override;

 private:
  using Sources = std::map<TemplatePart, std::string>;
  void read_folder(const std::string& path, const std::string& language);
  void read_template(const std::string& path, const std::string& language);
  void check(const std::string& language, MailKind kind, const Sources& sources);
  std::string path_of(const std::string& language, MailKind kind, TemplatePart part) const;

  std::string folder_;
  const TemplateSelector& built_in_;
  std::map<std::pair<std::string, MailKind>, Sources> sources_;  ///< By language, empty: of every language.
  std::vector<Mistake> mistakes_;
};

}  // namespace waxseal::server
