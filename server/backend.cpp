#include <waxseal/server/backend.hpp>

#include <waxseal/bytes.hpp>

#include "adapters/system/spdlog_log.hpp"
#include "application.hpp"
#include "service.hpp"

namespace waxseal::server {
namespace {

std::string lines_of(const std::vector<Problem>& problems) {
  std::string lines;
  for (const Problem& problem : problems) lines += (lines.empty() ? "" : "\n") + to_line(problem);
  return lines;
}

class ServiceBackend final : public Backend {
 public:
  explicit ServiceBackend(Configuration configuration)
      : warnings_(std::move(configuration.problems)),
        log_(log_level_of(configuration.settings), log_format_of(configuration.settings)),
        application_(std::move(configuration), log_) {}

  Result<void> start(Extensions extensions) {
    // A site's own selector takes the folder's place; its own context or renderer may know more than the check does.
    const bool templates_are_ours =
        !extensions.template_selector && !extensions.mail_context_builder && !extensions.template_renderer;
    if (const auto mistakes = application_.check_templates(); templates_are_ours && !mistakes.empty()) {
      return fail(ErrorCode::internal, lines_of(mistakes));
    }
    const auto storage = application_.open_storage();
    if (!storage) return tl::make_unexpected(storage.error());
    const auto keys = application_.open_keys();
    if (!keys) return tl::make_unexpected(keys.error());
    auto token_verifier = application_.make_token_verifier();
    if (!token_verifier) return tl::make_unexpected(token_verifier.error());
    ServiceOptions options;
    options.extensions = std::move(extensions);
    service_ =
        std::make_unique<Service>(application_, **storage, **keys, std::move(*token_verifier), std::move(options));
    return {};
  }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> lines;
    for (const Problem& problem : warnings_) lines.push_back(to_line(problem));
    return lines;
  }
  Result<std::string> bind() override { return service_->bind(); }
  void run() override { service_->run(); }
  void stop() override { service_->stop(); }

 private:
  std::vector<Problem> warnings_;
  SpdlogLog log_;
  Application application_;
  std::unique_ptr<Service> service_;
};

}  // namespace

Result<std::unique_ptr<Backend>> Backend::open(const std::string& config_path, Extensions extensions) {
  if (!prepare_crypto()) return fail(ErrorCode::internal, "libsodium cannot be used on this machine");
  Configuration configuration = read_configuration(config_path, waxseal_environment());
  if (configuration.has_errors()) return fail(ErrorCode::internal, lines_of(configuration.problems));
  auto backend = std::make_unique<ServiceBackend>(std::move(configuration));
  if (const auto started = backend->start(std::move(extensions)); !started) {
    return tl::make_unexpected(started.error());
  }
  return std::unique_ptr<Backend>{std::move(backend)};
}

}  // namespace waxseal::server
