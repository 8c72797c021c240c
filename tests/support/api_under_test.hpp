#pragma once
/// @file api_under_test.hpp
/// The product's routes over ports of the test's choice, wired as `waxseal serve` wires them.

#include "adapters/idn/libidn2_encoder.hpp"
#include "adapters/system/system_random.hpp"
#include "application.hpp"
#include "http/api.hpp"
#include "http/router.hpp"
#include "ports/clock.hpp"

namespace waxseal::test {

class ApiUnderTest {
 public:
  struct Ports {
    server::AccountStore& accounts;
    server::LinkKeys& keys;
    const server::Clock& clock;
    const server::TokenVerifier* token_verifier = nullptr;
  };

  /// What stands in for parts of the product; none: as it comes.
  struct SiteParts {
    const server::RequestValidator* request_validator = nullptr;
    const server::ResponseBuilder* response_builder = nullptr;
  };

  ApiUnderTest(const server::Configuration& configuration, Ports ports, SiteParts parts)
      : policy_(server::link_policy_of(configuration)),
        limits_(server::limit_policy_of(configuration.settings)),
        register_email_(policy_, limits_, rules_, {ports.accounts, ports.clock, random_, {}}),
        verify_email_(policy_, rules_, {ports.accounts, ports.keys, ports.clock}),
        undo_email_(policy_, rules_, {ports.accounts, ports.keys, ports.clock, random_}),
        authenticate_(server::authentication_schemes_of(configuration.settings),
                      {ports.accounts, ports.clock, ports.token_verifier}),
        api_(server::api_settings_of(configuration.settings), policy_, rules_,
             {ports.accounts, ports.keys, authenticate_, register_email_, verify_email_, undo_email_,
              parts.request_validator, parts.response_builder}) {
    api_.add_routes(router_);
  }
  ApiUnderTest(const server::Configuration& configuration, Ports ports) : ApiUnderTest(configuration, ports, {}) {}
  ApiUnderTest(const ApiUnderTest&) = delete;
  ApiUnderTest& operator=(const ApiUnderTest&) = delete;

  const server::Router& router() const { return router_; }
  server::LimitPolicy& limits() { return limits_; }
  const server::LinkPolicy& policy() const { return policy_; }
  const server::EmailRules& rules() const { return rules_; }
  server::RandomSource& random() { return random_; }

 private:
  server::LinkPolicy policy_;
  server::LimitPolicy limits_;
  server::Libidn2Encoder encoder_;
  server::EmailRules rules_{policy_, encoder_};
  server::SystemRandom random_;
  server::RegisterEmail register_email_;
  server::VerifyEmail verify_email_;
  server::UndoEmail undo_email_;
  server::Authenticate authenticate_;
  server::Api api_;
  server::Router router_;
};

}  // namespace waxseal::test
