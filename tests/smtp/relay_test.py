"""Mail over SMTP as a relay sees it: encrypted, signed in, one recipient; and what becomes of a mail that is refused."""

import re
import socket
import unittest
import urllib.parse
from email import message_from_bytes, policy

from relay import PASSWORD, USER, Certificates, Relay
from site_with_mail import NEW_ADDRESS, RelayTest
from waxseal_program import Server, wait_until


class DeliveryTest(RelayTest):
    def receive(self, relay):
        with Server(self.site) as server:
            self.assertEqual(server.register_email(NEW_ADDRESS)[0], 200)
            received, = wait_until(lambda: relay.received, "a mail")
            self.wait_for_state("sent")
            yield received, server

    def test_threat_13_a_mail_arrives_encrypted_and_signed_in_for_one_recipient(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port)
            for received, _ in self.receive(relay):
                self.assertTrue(received.encrypted)
                self.assertTrue(received.authenticated)
                self.assertEqual(received.mail_from, "no-reply@site.example")
                self.assertEqual(relay.rcpt_commands, [NEW_ADDRESS])
                self.assertEqual(received.recipients, [NEW_ADDRESS])
            for secret in (PASSWORD.encode(), USER.encode(), NEW_ADDRESS.encode(), b"MAIL FROM"):
                self.assertNotIn(secret, relay.clear_text)
            self.assertIn(b"STARTTLS", relay.clear_text)

    def test_the_message_is_well_formed(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port)
            for received, _ in self.receive(relay):
                message = message_from_bytes(received.content, policy=policy.strict)
        self.assertEqual([part.defects for part in message.walk()], [[]] * len(list(message.walk())))
        self.assertEqual(message["To"], NEW_ADDRESS)
        self.assertEqual(message["From"], "Site <no-reply@site.example>")
        for header in ("Subject", "Date", "Message-ID", "MIME-Version", "Reply-To", "Auto-Submitted"):
            self.assertEqual(len(message.get_all(header, [])), 1, header)
        for header in ("Cc", "Bcc", "Sender"):
            self.assertNotIn(header, message)
        self.assertEqual([part.get_content_type() for part in message.iter_parts()], ["text/plain", "text/html"])
        self.assertTrue(all(len(line) <= 998 for line in received.content.split(b"\r\n")))
        self.assertNotRegex(received.content, rb"(?<!\r)\n|\r(?!\n)")

    def test_the_link_of_the_text_stands_alone_on_its_line_and_works(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port)
            for received, server in self.receive(relay):
                message = message_from_bytes(received.content, policy=policy.strict)
                text = message.get_body("plain").get_content()
                lines = [line for line in text.splitlines() if "https://" in line]
                self.assertEqual(len(lines), 1, text)
                self.assertRegex(lines[0], r"^https://site\.example/verify-email/\?user_id=1&email=new%2Btag%40site\.example&timestamp=\d+&signature=[\w-]+$")
                self.assertIn(lines[0].replace("&", "&amp;"), message.get_body("html").get_content())
                fields = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(lines[0]).query))
                status, headers, body = server.verify_email(fields)
                self.assertEqual((status, body["code"], headers["Waxseal-Code"]), (200, "verified", "verified"))
                self.assertNotIn(fields["signature"], server.log())
        self.assertEqual(self.site.must("user", "show", "1", "--json").json()["email"], NEW_ADDRESS)

    def test_a_taken_address_gets_a_mail_without_a_link(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port)
            with Server(self.site) as server:
                self.assertEqual(server.register_email("bob@site.example")[0], 200)
                received, = wait_until(lambda: relay.received, "a mail")
        self.assertEqual(received.recipients, ["bob@site.example"])
        self.assertNotIn(b"signature", received.content)

    def test_several_mails_go_over_one_connection(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port)
            with Server(self.site) as server:
                for number in range(3):
                    self.assertEqual(server.register_email(f"new{number}@site.example")[0], 200)
                    wait_until(lambda: len(relay.received) == number + 1, "the next mail")
            self.assertEqual(relay.clear_text.count(b"STARTTLS"), 1)

    def test_without_tls_a_relay_on_this_machine_works_and_is_warned_of(self):
        with Relay(login=False) as relay:
            self.configure_plain(relay.port)
            for received, server in self.receive(relay):
                self.assertFalse(received.encrypted)
        answer = self.site.must("check")
        self.assertRegex(answer.err, r"warning: .*mail\.tls: ")


class RefusalTest(RelayTest):
    """Where the mail is not accepted, it is kept or given up; nothing secret is sent in the clear, nothing is lost."""

    def test_a_wrong_password_keeps_the_mail(self):
        with Relay(self.certificates) as relay:
            relay.password = "another"
            self.configure(relay.port)
            with Server(self.site) as server:
                reason = self.ask_and_see_it_delayed(server)
                self.assertTrue(relay.logins)
                self.assertFalse(any(good for _, good in relay.logins))
                self.assertRegex(reason.lower(), "login|auth")
                relay.password = PASSWORD
                self.site.make_mails_due()
                self.wait_for_state("sent")
            self.assertEqual(len(relay.received), 1)

    def test_a_relay_without_starttls_gets_nothing(self):
        with Relay(login=False) as relay:
            self.configure(relay.port)
            with Server(self.site) as server:
                reason = self.ask_and_see_it_delayed(server)
        self.assertRegex(reason, "STARTTLS|SSL|TLS")
        self.assertEqual((relay.received, relay.rcpt_commands), ([], []))
        for word in (b"AUTH", b"MAIL", b"RCPT", NEW_ADDRESS.encode(), PASSWORD.encode()):
            self.assertNotIn(word, relay.clear_text)

    def test_an_untrusted_certificate_gets_nothing(self):
        other = Certificates(self.site.folder, "other")
        with Relay(self.certificates) as relay:
            self.configure(relay.port, ca_file=str(other.certificate))
            with Server(self.site) as server:
                reason = self.ask_and_see_it_delayed(server)
        self.assertIn("certificate", reason.lower())
        self.assertEqual((relay.received, relay.logins, relay.rcpt_commands), ([], [], []))

    def test_a_trusted_certificate_of_another_host_gets_nothing(self):
        elsewhere = Certificates(self.site.folder, "elsewhere", names="DNS:relay.example")
        with Relay(elsewhere) as relay:
            self.configure(relay.port, ca_file=str(elsewhere.certificate))
            with Server(self.site) as server:
                self.assertRegex(self.ask_and_see_it_delayed(server).lower(), "certificate|ssl")
        self.assertEqual((relay.received, relay.logins, relay.rcpt_commands), ([], [], []))

    def test_a_refusal_for_now_keeps_the_mail(self):
        with Relay(self.certificates) as relay:
            relay.rcpt_answer = "451 4.7.1 greylisted, come back later"
            self.configure(relay.port)
            with Server(self.site) as server:
                self.assertIn("451", self.ask_and_see_it_delayed(server))
                relay.rcpt_answer = None
                self.site.make_mails_due()
                self.wait_for_state("sent")
            self.assertEqual(len(relay.received), 1)

    def test_a_refusal_for_good_ends_the_mail(self):
        with Relay(self.certificates) as relay:
            relay.rcpt_answer = "550 5.1.1 no such mailbox"
            self.configure(relay.port)
            with Server(self.site) as server:
                server.register_email(NEW_ADDRESS)
                self.assertIn("550", self.wait_for_state("dead")[2])
                wait_until(lambda: "mail given up" in server.log(), "a log line")
        self.assertEqual(relay.received, [])
        self.assertEqual(len(relay.rcpt_commands), 1)

    def test_refusals_after_data(self):
        for answer, state in (("554 5.7.1 no", "dead"), ("452 4.3.1 disk full", "queued")):
            with self.subTest(answer=answer), Relay(self.certificates) as relay:
                self.site.query("DELETE FROM waxseal_outbox")
                relay.data_answer = answer
                self.configure(relay.port)
                with Server(self.site) as server:
                    server.register_email(NEW_ADDRESS)
                    wait_until(lambda: self.entry()[2], "a reason")
                self.assertEqual(self.entry()[0], state)

    def test_a_relay_that_is_down_gets_the_mail_when_it_is_up(self):
        with socket.socket() as reserved:
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
            self.configure(port)
            with Server(self.site) as server:
                reason = self.ask_and_see_it_delayed(server)
                self.assertRegex(reason, "connect")
                reserved.close()
                with Relay(self.certificates, port=port) as relay:
                    self.site.make_mails_due()
                    received, = wait_until(lambda: relay.received, "the mail")
                    self.wait_for_state("sent")
        self.assertEqual(received.recipients, [NEW_ADDRESS])

    def test_attempts_carry_the_same_message_id(self):
        with Relay(self.certificates) as relay:
            self.configure(relay.port)
            with Server(self.site) as server:
                server.register_email(NEW_ADDRESS)
                self.wait_for_state("sent")
                self.site.query("UPDATE waxseal_outbox SET state = 'queued', settled_at = NULL, due_at = 0")
                wait_until(lambda: len(relay.received) == 2, "the second copy")
                seen = [re.search(rb"(?mi)^Message-ID: (.*)\r$", mail.content).group(1) for mail in relay.received]
        self.assertEqual(seen[0], seen[1])


if __name__ == "__main__":
    unittest.main()
