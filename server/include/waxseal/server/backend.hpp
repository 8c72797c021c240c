#pragma once
/// @file backend.hpp
/// `waxseal serve` inside another program: the same configuration file, the same routes, with parts of your own.
/// examples/cpp-embed is a whole program.

#include <memory>
#include <string>
#include <vector>

#include <waxseal/error.hpp>
#include <waxseal/server/extensions.hpp>

namespace waxseal::server {

class Backend {
 public:
  /// Reads the configuration (and `WAXSEAL_…` from the environment over it), opens storage and keys, and starts sending
  /// the mails that wait. The tables must be there: run `waxseal migrate` first.
  /// Fails with:  ErrorCode::internal     the configuration has errors (`log_detail` has one a line, as `waxseal check`
  ///                                      prints them), no signing key, a schema that is not this program's
  ///              ErrorCode::unavailable  the storage does not answer
  static Result<std::unique_ptr<Backend>> open(const std::string& config_path, Extensions extensions = {});

  virtual ~Backend() = default;

  /// What is doubtful about the configuration, a line each, as `waxseal check` prints it. Worth showing at start.
  virtual std::vector<std::string> warnings() const = 0;

  /// Takes `server.listen`. @return  The address with the port that the system picked, e.g. "127.0.0.1:41235".
  /// Fails with:  ErrorCode::unavailable  the address is in use or not of this machine
  virtual Result<std::string> bind() = 0;

  /// Answers requests until `stop`, and sees those that run, and the mail in hand, through. Call `bind` first.
  virtual void run() = 0;

  /// From any thread, but not from a signal handler: it locks.
  virtual void stop() = 0;
};

}  // namespace waxseal::server
