"""What relays do to mails on bad days: each mail is kept, sent later, or ended with its reason, and nobody else gets it."""

import time
import unittest
from email import message_from_bytes, policy

from relay import PASSWORD, Relay, Speaker
from site_with_mail import NEW_ADDRESS, RelayTest
from waxseal_program import Server, wait_until


def message_ids(contents):
    return [message_from_bytes(content, policy=policy.strict)["Message-ID"] for content in contents]


class ConversationTest(RelayTest):
    """How a relay may be talked to."""

    def send_one(self, relay):
        with Server(self.site) as server:
            self.assertEqual(server.register_email(NEW_ADDRESS)[0], 200)
            self.wait_for_state("sent")
        return relay.received[0]

    def test_implicit_tls(self):
        with Relay(self.certificates, implicit_tls=True) as relay:
            self.configure(relay.port, smtp_url=f"smtps://127.0.0.1:{relay.port}")
            self.assertTrue(self.send_one(relay).authenticated)
            self.assertTrue(relay.received[0].encrypted)

    def test_a_relay_that_knows_login_only_or_plain_only(self):
        for without, used in (("PLAIN", "LOGIN"), ("LOGIN", "PLAIN")):
            with self.subTest(used=used), Relay(self.certificates, without_mechanisms=(without,)) as relay:
                self.site.query("DELETE FROM waxseal_outbox")
                self.configure(relay.port)
                self.assertTrue(self.send_one(relay).authenticated)
                self.assertEqual(relay.logins, [(used, True)])

    def test_smtputf8_is_used_where_an_address_needs_it_and_only_there(self):
        with Relay(login=False, smtputf8=True) as relay:
            self.configure_plain(relay.port)
            self.send_one(relay)
            self.assertNotIn("SMTPUTF8", relay.mail_commands[0][1])
            text = self.site.config.read_text()
            self.site.config.write_text(text.replace("no-reply@site.example", "störung@site.example"))
            self.site.query("DELETE FROM waxseal_outbox")
            self.send_one(relay)
            self.assertEqual(relay.mail_commands[1][0], "störung@site.example")
            self.assertIn("SMTPUTF8", relay.mail_commands[1][1])

    def test_where_smtputf8_is_needed_and_not_offered_nothing_is_sent(self):
        with Relay(login=False) as relay:
            self.configure_plain(relay.port)
            text = self.site.config.read_text()
            self.site.config.write_text(text.replace("no-reply@site.example", "störung@site.example"))
            with Server(self.site) as server:
                server.register_email(NEW_ADDRESS)
                self.assertIn("SMTPUTF8", self.wait_for_state("dead")[2])
            self.assertEqual((relay.mail_commands, relay.received), ([], []))

    def test_an_international_sender_domain_is_mailed_in_its_ascii_spelling(self):
        with Relay(login=False) as relay:
            self.configure_plain(relay.port)
            text = self.site.config.read_text()
            self.site.config.write_text(text.replace("Site <no-reply@site.example>", "Zoë & Bücher <no-reply@bücher.example>"))
            received = self.send_one(relay)
            self.assertEqual(received.mail_from, "no-reply@xn--bcher-kva.example")
            message = message_from_bytes(received.content, policy=policy.strict)
            self.assertEqual(message["From"].addresses[0].display_name, "Zoë & Bücher")
            self.assertEqual(message["From"].addresses[0].domain, "xn--bcher-kva.example")
            self.assertTrue(received.content.isascii())
            self.assertTrue(message["Message-ID"].endswith("@xn--bcher-kva.example>"))


class FaultTest(RelayTest):
    def deliver_after(self, relay, server, mend):
        """The mail that was delayed goes out once the relay is mended."""
        mend()
        self.site.make_mails_due()
        self.wait_for_state("sent")
        self.assertEqual({tuple(mail.recipients) for mail in relay.received}, {(NEW_ADDRESS,)})

    def test_a_relay_that_hangs_up_at_any_command_gets_the_mail_later(self):
        for command in ("EHLO", "MAIL", "RCPT"):
            with self.subTest(command=command), Relay(login=False) as relay:
                self.site.query("DELETE FROM waxseal_outbox")
                relay.hang_up_at.add(command)
                self.configure_plain(relay.port)
                with Server(self.site) as server:
                    self.assertIn("before the mail was sent", self.ask_and_see_it_delayed(server))
                    self.deliver_after(relay, server, relay.hang_up_at.clear)
                self.assertEqual(len(relay.received), 1)

    def test_a_mail_whose_acceptance_is_in_doubt_is_sent_again_with_the_same_message_id(self):
        with Relay(login=False) as relay:
            relay.hang_up_at.add("the end of DATA")
            self.configure_plain(relay.port)
            with Server(self.site) as server:
                self.assertIn("may have arrived all the same", self.ask_and_see_it_delayed(server))
                self.deliver_after(relay, server, relay.hang_up_at.clear)
            first, second = message_ids(mail.content for mail in relay.received)
        self.assertEqual(first, second)

    def test_a_relay_that_is_slow_at_any_command_is_given_up_in_time(self):
        for command in ("EHLO", "MAIL", "RCPT", "the end of DATA"):
            with self.subTest(command=command), Relay(login=False) as relay:
                self.site.query("DELETE FROM waxseal_outbox")
                relay.delay_s[command] = 3600
                self.configure_plain(relay.port, timeout="1s")
                with Server(self.site) as server:
                    begun = time.monotonic()
                    self.assertIn("did not answer in time", self.ask_and_see_it_delayed(server))
                    self.assertLess(time.monotonic() - begun, 20)

    def test_a_relay_that_is_slow_within_the_limit_gets_the_mail_at_once(self):
        with Relay(login=False) as relay:
            relay.delay_s = {command: 0.5 for command in ("EHLO", "MAIL", "RCPT", "the end of DATA")}
            self.configure_plain(relay.port, timeout="5s")
            with Server(self.site) as server:
                server.register_email(NEW_ADDRESS)
                self.assertEqual(self.wait_for_state("sent")[1], 0)

    def test_greylisting(self):
        """A stranger is refused for a while, and by the second attempt it is none any more."""
        with Relay(login=False) as relay:
            relay.rcpt_answer = "450 4.2.0 greylisted, see you in five minutes"
            self.configure_plain(relay.port)
            with Server(self.site) as server:
                self.assertIn("greylisted", self.ask_and_see_it_delayed(server))
                due, = self.site.query("SELECT due_at - unixepoch() FROM waxseal_outbox")
                self.assertTrue(5 <= due[0] <= 15, due)
                self.deliver_after(relay, server, lambda: setattr(relay, "rcpt_answer", None))
            self.assertEqual(relay.rcpt_commands, [NEW_ADDRESS, NEW_ADDRESS])

    def test_a_connection_that_the_relay_closed_meanwhile_costs_no_delay(self):
        with Relay(login=False) as relay:
            self.configure_plain(relay.port)
            with Server(self.site) as server:
                for number in range(3):
                    server.register_email(f"new{number}@site.example")
                    wait_until(lambda: len(relay.received) == number + 1, "the next mail")
                    relay.hang_up_idle()
                wait_until(lambda: [state for state, _, _ in self.site.outbox()] == ["sent"] * 3, "all sent")
                self.assertEqual([attempts for _, attempts, _ in self.site.outbox()], [0, 0, 0])
            self.assertEqual(relay.connections, 3)

    def test_a_relay_that_hangs_on_an_open_connection_is_waited_for_once(self):
        with Relay(login=False) as relay:
            self.configure_plain(relay.port, timeout="1s")
            with Server(self.site) as server:
                server.register_email("first@site.example")
                wait_until(lambda: relay.received, "the first mail")
                relay.delay_s["MAIL"] = 3600
                server.register_email(NEW_ADDRESS)
                wait_until(lambda: self.site.outbox()[1][1], "an attempt")
            self.assertEqual(relay.connections, 1)

    def test_a_mail_that_hangs_holds_up_no_other(self):
        """As for a recipient whose server the relay asks while we wait."""
        with Relay(login=False) as relay:
            relay.delay_s[NEW_ADDRESS] = 3600
            self.configure_plain(relay.port, workers=2)
            with Server(self.site) as server:
                server.register_email(NEW_ADDRESS)
                wait_until(lambda: relay.rcpt_commands, "the one that hangs")
                for number in range(3):
                    self.site.must("user", "add", "--id", f"u{number}", "--email", f"u{number}@site.example")
                    self.site.token = self.site.must("user", "token", f"u{number}").out.strip()
                    server.register_email(f"other{number}@site.example")
                wait_until(lambda: len(relay.received) == 3, "the others", 20)
                self.assertEqual(self.site.outbox()[0][:2], ("queued", 0))

    def test_a_relay_that_closes_after_each_reply_gets_the_mail_later(self):
        with Speaker("220 x", "250 x") as closing:
            self.configure_plain(closing.port)
            with Server(self.site) as server:
                self.ask_and_see_it_delayed(server)
        self.assertEqual(self.entry()[0], "queued")

    def test_a_refusal_of_one_mail_does_not_hold_up_the_next(self):
        with Relay(login=False) as relay:
            relay.rcpt_answer = "550 5.1.1 no such mailbox"
            self.configure_plain(relay.port)
            with Server(self.site) as server:
                server.register_email(NEW_ADDRESS)
                self.wait_for_state("dead")
                relay.rcpt_answer = None
                server.register_email("other@site.example")
                wait_until(lambda: relay.received, "the next mail")
            self.assertEqual(relay.received[0].recipients, ["other@site.example"])

    def test_threat_31_a_relay_that_quotes_the_mail_leaves_no_link_and_no_address_behind(self):
        def quoting(content):
            text = message_from_bytes(content, policy=policy.strict).get_body("plain").get_content()
            self.link = next(line for line in text.splitlines() if line.startswith("https://"))
            return f"554 5.7.1 <{NEW_ADDRESS}>: blocked for {self.link}"

        with Relay(login=False) as relay:
            relay.data_answer = quoting
            self.configure_plain(relay.port)
            with Server(self.site) as server:
                server.register_email(NEW_ADDRESS)
                reason = self.wait_for_state("dead")[2]
                wait_until(lambda: "mail given up" in server.log(), "a line in the log")
        self.assertIn("the relay said: 554 5.7.1 <n***@s***.example>: blocked for https:", reason)
        signature = self.link.rpartition("=")[2]
        self.assertGreater(len(signature), 40)
        self.assertNotIn(signature, "".join(self.site.dump()))
        self.assertNotIn(signature, server.log())
        self.assertNotIn("new%2Btag", server.log())
        self.assertNotIn(NEW_ADDRESS, server.log())

    def test_a_dead_mail_can_be_tried_again(self):
        with Relay(login=False) as relay:
            relay.rcpt_answer = "550 5.1.1 not yet"
            self.configure_plain(relay.port)
            with Server(self.site) as server:
                server.register_email(NEW_ADDRESS)
                self.wait_for_state("dead")
                relay.rcpt_answer = None
                self.site.must("outbox", "retry", "--all")
                self.wait_for_state("sent")

    def test_what_is_too_old_is_given_up_and_a_retry_gives_it_its_time_again(self):
        with Relay(login=False) as relay:
            relay.rcpt_answer = "451 later"
            self.configure_plain(relay.port, give_up_after="1h")
            with Server(self.site) as server:
                self.ask_and_see_it_delayed(server)
                self.site.query("UPDATE waxseal_outbox SET created_at = created_at - 7200, due_at = 0")
                self.wait_for_state("dead")
                self.site.must("outbox", "retry", "--all")
                wait_until(lambda: self.entry()[1], "another attempt")
                self.assertEqual(self.entry()[0], "queued")

    def test_a_clock_that_was_set_back_delays_no_mail_for_long(self):
        with Relay(login=False) as relay:
            relay.rcpt_answer = "451 later"
            self.configure_plain(relay.port)
            with Server(self.site) as server:
                self.ask_and_see_it_delayed(server)
                relay.rcpt_answer = None
                # as a row looks that was written before the clock went back by two days
                self.site.query("UPDATE waxseal_outbox SET created_at = created_at + 172800, due_at = due_at + 172800")
                self.wait_for_state("sent")

    def test_killed_between_send_and_mark_a_mail_is_sent_again_with_the_same_message_id(self):
        with Relay(login=False) as relay:
            self.configure_plain(relay.port)
            server = Server(self.site)
            with server:
                relay.delay_s["the end of DATA"] = 3600  # it has the mail, and the answer is on its way
                server.register_email(NEW_ADDRESS)
                wait_until(lambda: relay.received, "the mail")
                server.kill()
            self.assertEqual(self.entry()[:2], ("queued", 0))
            listed, = self.site.must("outbox", "list", "--json").json()["entries"]
            self.assertTrue(listed["held"])
            relay.delay_s.clear()
            self.site.query("UPDATE waxseal_outbox SET due_at = 0, held_until = 0")  # the lease ends
            with Server(self.site):
                self.wait_for_state("sent")
            first, second = message_ids(mail.content for mail in relay.received)
        self.assertEqual(first, second)

    def test_two_servers_on_one_outbox_send_each_mail_once(self):
        with Relay(login=False) as relay:
            self.configure_plain(relay.port)
            with Server(self.site) as one, Server(self.site) as two:
                # another address each time would drop the mails before it
                for number in range(20):
                    self.site.must("user", "add", "--id", f"u{number}", "--email", f"u{number}@site.example", "--token", "-",
                                   stdin=f"a-token-that-nobody-may-see-{number}\n")
                    self.site.token = f"a-token-that-nobody-may-see-{number}"
                    (one if number % 2 else two).register_email(f"new{number}@site.example")
                wait_until(lambda: [state for state, _, _ in self.site.outbox()] == ["sent"] * 20, "all sent")
            ids = message_ids(mail.content for mail in relay.received)
        self.assertEqual(len(ids), 20)
        self.assertEqual(len(set(ids)), 20)

    def test_a_login_that_fails_is_not_sent_again_and_again_at_once(self):
        with Relay(self.certificates) as relay:
            relay.password = "another"
            self.configure(relay.port)
            with Server(self.site) as server:
                self.ask_and_see_it_delayed(server)
                self.assertEqual(len(relay.logins), 1)
                self.assertNotIn(PASSWORD, server.log())


class FullDiskTest(RelayTest):
    """A database that cannot grow: SQLite says that it is full, as on a disk that is."""

    def test_a_request_that_cannot_be_kept_is_not_promised_and_mails_go_on_when_there_is_room(self):
        with Relay(login=False) as relay:
            self.configure_plain(relay.port)
            limited = self.site.database.stat().st_size + 200_000
            with Server(self.site, file_size_limit=limited) as server:
                answers = {}
                for number in range(3000):
                    status, headers, body = server.register_email(f"new{number}@site.example")
                    answers[number] = status
                    if status != 200:
                        break
                self.assertEqual(status, 503, body)
                self.assertEqual(body["code"], "unavailable")
                self.assertIn("Retry-After", headers)
            promised = [number for number, status in answers.items() if status == 200]
            kept = {address for address, in self.site.query("SELECT address FROM waxseal_outbox")}
            self.assertTrue({f"new{number}@site.example" for number in promised} <= kept)
            with Server(self.site) as server:  # room again
                self.assertEqual(server.register_email("last@site.example")[0], 200)
                wait_until(lambda: relay.received and relay.received[-1].recipients == ["last@site.example"], "the mail")
            self.assertEqual(self.site.query("PRAGMA integrity_check"), [("ok",)])


if __name__ == "__main__":
    unittest.main()
