"""`waxseal check --probe`: a conversation with the relay that ends before any mail."""

import unittest

from relay import PASSWORD, Certificates, Relay
from site_with_mail import RelayTest


class ProbeTest(RelayTest):
    def probe(self):
        return self.site.run("check", "--probe")

    def test_a_relay_that_would_take_a_mail_is_fine_and_gets_none(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port)
            answer = self.probe()
            self.assertEqual(answer.code, 0, answer)
            self.assertNotIn("error:", answer.err)
            self.assertIn("is fine", answer.out)
            self.assertEqual(relay.received, [])
        self.assertNotIn(PASSWORD, answer.out + answer.err)

    def test_a_login_that_is_refused(self):
        with Relay(self.certificates) as relay:
            relay.password = "another"
            self.configure(relay.port)
            self.assert_refused(self.probe(), "error: mail.smtp_url: ", "refused the login", "535")

    def test_a_certificate_that_nobody_trusted_has_signed(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port, ca_file=str(Certificates(self.site.folder, "other").certificate))
            self.assert_refused(self.probe(), "certificate is not accepted")

    def test_without_the_option_nobody_is_called(self):
        with Relay(self.certificates) as relay:
            relay.password = "another"
            self.configure(relay.port)
            self.assertEqual(self.site.run("check").code, 0)


if __name__ == "__main__":
    unittest.main()
