"""`waxseal mail test`: one mail through the configured transport, and in words what went wrong."""

import socket
import unittest
from email import message_from_bytes, policy

from relay import PASSWORD, Certificates, Relay, Speaker
from site_with_mail import RelayTest

TO = "ada@elsewhere.example"


class MailCommandTest(RelayTest):
    def send(self, **environment):
        return self.site.run("mail", "test", "--to", TO, **environment)

    def assert_explained(self, *words):
        answer = self.send()
        self.assert_refused(answer, "not sent", *words)
        json = self.site.run("mail", "test", "--to", TO, "--json")
        self.assertEqual(json.code, 1, json)
        told = json.json()
        self.assertFalse(told["sent"])
        for word in words:
            self.assertIn(word, told["reason"])
        return told

    def test_a_mail_is_handed_over_and_the_outbox_is_not_asked(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port)
            self.site.database.unlink()
            answer = self.send()
            self.assertEqual(answer.code, 0, answer)
            self.assertIn(TO, answer.out)
            received, = relay.received
        self.assertEqual(received.recipients, [TO])
        self.assertEqual(received.mail_from, "no-reply@site.example")
        self.assertIn("waxseal mail test", message_from_bytes(received.content, policy=policy.strict).get_content())

    def test_json(self):
        self.site.configure()
        self.assertEqual(self.site.must("mail", "test", "--to", TO, "--json").json(),
                         {"sent": True, "to": TO, "transport": f"file, into {self.site.mail}"})

    def test_a_name_that_nobody_knows(self):
        self.configure_plain(25, smtp_url="smtp://relay.invalid:25")
        self.assert_explained("name is not known", "relay.invalid")

    def test_nobody_listens(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.configure(closed.getsockname()[1])
            self.assert_explained("no connection to the relay", "onnect")

    def test_a_certificate_that_nobody_trusted_has_signed(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port, ca_file=str(Certificates(self.site.folder, "other").certificate))
            self.assert_explained("certificate is not accepted", "mail.ca_file")

    def test_a_certificate_for_another_name(self):
        elsewhere = Certificates(self.site.folder, "elsewhere", names="DNS:relay.example")
        with Relay(elsewhere) as relay:
            self.configure(relay.port, ca_file=str(elsewhere.certificate))
            self.assert_explained("certificate is not accepted", "another name")

    def test_a_relay_without_starttls(self):
        with Relay(login=False) as relay:
            self.configure(relay.port)
            self.assert_explained("offers no STARTTLS")

    def test_starttls_where_tls_comes_first_and_the_other_way_round(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port, smtp_url=f"smtps://127.0.0.1:{relay.port}")
            self.assert_explained("no TLS with the relay", "465")

    def test_a_login_that_is_refused(self):
        with Relay(self.certificates) as relay:
            relay.password = "another"
            self.configure(relay.port)
            self.assert_explained("refused the login", "mail.smtp_user", "535")

    def test_a_login_that_is_missing(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port, smtp_user=None, smtp_password_file=None)
            self.assertFalse(self.assert_explained("wants a login", "530")["permanent"])

    def test_refusals_with_the_relays_own_words(self):
        with Relay(login=False) as relay:
            self.configure_plain(relay.port)
            relay.rcpt_answer = "451 4.7.1 greylisted, come back"
            self.assertFalse(self.assert_explained("does not take the mail now", "451 4.7.1 greylisted, come back")["permanent"])
            relay.rcpt_answer = "550-5.1.1 two lines\r\n550 5.1.1 no such mailbox"
            self.assertTrue(self.assert_explained("refused the mail for good", "two lines  550 5.1.1 no such mailbox")["permanent"])
            relay.rcpt_answer, relay.mail_answer = None, "553 5.7.1 not your sender"
            self.assert_explained("refused the mail for good", "553 5.7.1 not your sender")

    def test_a_greeting_that_is_a_refusal_is_not_the_mails_fault(self):
        with Speaker("554 5.3.2 no service for you") as relay:
            self.configure_plain(relay.port)
            self.assertFalse(self.assert_explained("554 5.3.2 no service for you")["permanent"])

    def test_a_relay_that_never_speaks(self):
        with Speaker(None) as relay:
            self.configure_plain(relay.port, timeout="1s")
            self.assert_explained("did not answer in time", "mail.timeout")

    def test_something_else_on_that_port(self):
        with Speaker("SSH-2.0-OpenSSH_9.2") as relay:
            self.configure_plain(relay.port, timeout="5s")
            self.assert_explained("smtp: ")

    def test_a_program_that_is_missing_is_a_mistake_of_the_configuration(self):
        self.site.configure(mail={"transport": "sendmail", "sendmail_path": str(self.site.folder / "nothing")})
        self.assert_refused(self.send(), "mail.sendmail_path")

    def test_an_address_that_is_none(self):
        self.assert_refused(self.site.run("mail", "test", "--to", "ada"), "ada: ")
        self.assertEqual(self.site.run("mail", "test").code, 2)

    def test_no_password_is_printed(self):
        with Relay(self.certificates) as relay:
            relay.password = "another"
            self.configure(relay.port, smtp_password_file=None)
            answer = self.send(WAXSEAL_MAIL_SMTP_PASSWORD=PASSWORD)
            self.assertEqual(answer.code, 1)
            self.assertNotIn(PASSWORD, answer.out + answer.err)


if __name__ == "__main__":
    unittest.main()
