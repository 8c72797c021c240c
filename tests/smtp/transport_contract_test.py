"""What every transport must do, whatever it is made of: the same tests against SMTP, a sendmail program and a folder."""

import json
import signal
import time
import unittest
from email import message_from_bytes, policy
from pathlib import Path

from relay import Relay
from site_with_mail import NEW_ADDRESS, RelayTest
from waxseal_program import Server, wait_until

FROM = "no-reply@site.example"
ODD_ADDRESSES = ("-oQ/tmp@site.example", "!#$%&'*+/=?^_`{|}~@site.example", "`id`@site.example")


class Transport:
    """The contract. A transport says how it is configured, what it got, and how it is made to fail."""

    def ask(self, server, address=NEW_ADDRESS):
        self.assertEqual(server.register_email(address)[0], 200)

    def got_one(self):
        return wait_until(self.received, "a mail")[0]

    def message_id(self, content):
        return message_from_bytes(content, policy=policy.strict)["Message-ID"]

    def test_a_mail_goes_to_its_one_recipient_from_the_configured_sender(self):
        with Server(self.site) as server:
            self.ask(server)
            sender, recipient, content = self.got_one()
            self.wait_for_state("sent")
        self.assertEqual((sender, recipient), (FROM, NEW_ADDRESS))
        message = message_from_bytes(content, policy=policy.strict)
        self.assertEqual([part.defects for part in message.walk()], [[]] * 3)
        self.assertEqual((message["To"], message["From"]), (NEW_ADDRESS, f"Site <{FROM}>"))
        self.assertIn("https://site.example/verify-email/?", message.get_body("plain").get_content())

    def test_no_address_is_taken_for_anything_but_an_address(self):
        self.site.configure(mail=self.settings(), register_email={"email_policy": "django"})
        with Server(self.site) as server:
            for number, address in enumerate(ODD_ADDRESSES, 1):
                self.ask(server, address)
                wait_until(lambda: len(self.received()) == number, f"the mail to {address}")
            self.assertEqual([recipient for _, recipient, _ in self.received()], list(ODD_ADDRESSES))

    def test_a_failure_for_now_keeps_the_mail_and_the_next_attempt_has_the_same_message_id(self):
        self.begin_to_fail()
        with Server(self.site) as server:
            self.ask_and_see_it_delayed(server)
            attempted = self.attempted()
            self.end_to_fail()
            self.site.make_mails_due()
            self.wait_for_state("sent")
        (_, recipient, content), = self.received()
        self.assertEqual(recipient, NEW_ADDRESS)
        for earlier in attempted:
            self.assertEqual(self.message_id(earlier), self.message_id(content))

    def test_a_stop_sees_the_mail_in_hand_through(self):
        with Server(self.site) as server:
            self.ask(server)
            self.got_one()
            server.terminate()
            self.assertEqual(server.wait(), 0)
        self.assertEqual(self.entry()[0], "sent")


class RefusingTransport(Transport):
    """One that can say no, or nothing at all."""

    def test_a_failure_for_good_ends_the_mail_with_its_reason(self):
        self.refuse_for_good("no such mailbox here")
        with Server(self.site) as server:
            self.ask(server)
            self.assertIn("no such mailbox here", self.wait_for_state("dead")[2])
            listed, = self.site.must("outbox", "list", "--state", "dead", "--json").json()["entries"]
            self.assertIn("no such mailbox here", listed["reason"])
            self.assertEqual(len(self.attempted()), 1)

    def test_one_that_hangs_is_given_up_in_time_and_the_mail_is_kept(self):
        self.hang()
        self.site.configure(mail=self.settings(timeout="1s"))
        with Server(self.site) as server:
            self.assertIn("mail.timeout", self.ask_and_see_it_delayed(server))

    def test_a_stop_does_not_wait_for_one_that_hangs_and_the_mail_is_kept(self):
        self.hang()
        with Server(self.site) as server:
            self.ask(server)
            wait_until(self.is_hanging, "an attempt that hangs")
            begun = time.monotonic()
            server.terminate()
            self.assertEqual(server.wait(), 0)
            self.assertLess(time.monotonic() - begun, 15)
        self.assertEqual(self.entry()[:2], ("queued", 1))


class SmtpTest(RefusingTransport, RelayTest):
    def setUp(self):
        super().setUp()
        self.relay = Relay(self.certificates).__enter__()
        self.addCleanup(self.relay.stop)
        self.configure(self.relay.port)

    def settings(self, **mail):
        return self.smtp_settings(self.relay.port, **mail)

    def received(self):
        return [(mail.mail_from, *mail.recipients, mail.content) for mail in self.relay.received]

    def attempted(self):
        return self.relay.attempted

    def begin_to_fail(self):
        self.relay.data_answer = "451 4.3.0 later"

    def end_to_fail(self):
        self.relay.data_answer = None

    def refuse_for_good(self, words):
        self.relay.data_answer = f"554 5.7.1 {words}"

    def hang(self):
        self.relay.delay_s["RCPT"] = 3600

    def is_hanging(self):
        return self.relay.rcpt_commands


class FileTest(Transport, RelayTest):
    def setUp(self):
        super().setUp()
        self.site.configure()

    def settings(self, **mail):
        return {"transport": "file", "directory": str(self.site.mail), **mail}

    def received(self):
        messages = [(path.read_bytes(), message_from_bytes(path.read_bytes(), policy=policy.strict)) for path in self.site.mails()]
        return [(message["From"].addresses[0].addr_spec, message["To"], content) for content, message in messages]

    def attempted(self):
        return []

    def begin_to_fail(self):
        self.site.mail.write_text("a file where the folder should be")

    def end_to_fail(self):
        self.site.mail.unlink()


def living_members_of(group):
    """Ids of the processes of a group that still run; the dead may wait for somebody to take notice."""
    members = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue  # it ended meanwhile
        if int(its_group) == group and state != "Z":
            members.append(path.parent.name)
    return members


# Keeps what it is given in numbered files beside itself, and then does what the file `behaviour` says.
SENDMAIL = r"""#!/usr/bin/python3 -B
import json, os, pathlib, signal, subprocess, sys, time
folder = pathlib.Path(__file__).parent
number = len(list(folder.glob("*.call")))
call = {"arguments": sys.argv[1:], "environment": dict(os.environ), "pid": os.getpid(),
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "files": sorted(os.listdir("/proc/self/fd")),
        "content": sys.stdin.buffer.read().decode()}
(folder / f"{number}.part").write_text(json.dumps(call))
(folder / f"{number}.part").rename(folder / f"{number}.call")
exec((folder / "behaviour").read_text())
"""


class SendmailTest(RefusingTransport, RelayTest):
    def setUp(self):
        super().setUp()
        self.program = self.site.folder / "sendmail" / "sendmail"
        self.program.parent.mkdir()
        self.program.write_text(SENDMAIL)
        self.program.chmod(0o755)
        self.behave("sys.exit(0)")
        self.site.configure(mail=self.settings())

    def settings(self, **mail):
        return {"transport": "sendmail", "sendmail_path": str(self.program), **mail}

    def behave(self, code):
        self.program.with_name("behaviour").write_text(code)

    def calls(self):
        return [json.loads(path.read_text()) for path in sorted(self.program.parent.glob("*.call"))]

    def received(self):
        if self.program.with_name("behaviour").read_text() != "sys.exit(0)":
            return []
        taken = self.calls()[self.failed:]
        return [(call["arguments"][2], call["arguments"][4], call["content"].encode()) for call in taken]

    failed = 0

    def attempted(self):
        return [call["content"].encode() for call in self.calls()]

    def begin_to_fail(self):
        self.behave("print('deferred: busy'); sys.exit(75)")

    def end_to_fail(self):
        self.failed = len(self.calls())
        self.behave("sys.exit(0)")

    def refuse_for_good(self, words):
        self.behave(f"print({words!r}, file=sys.stderr); sys.exit(67)")

    def hang(self):
        self.behave("subprocess.run(['/bin/sleep', '3600'])")

    def is_hanging(self):
        return self.calls()

    def reason_when(self, code):
        """With which state and reason the mail is left by a program that does this."""
        self.site.query("DELETE FROM waxseal_outbox")
        self.behave(code)
        with Server(self.site) as server:
            self.ask(server)
            wait_until(lambda: self.entry()[2], "a reason")
        return self.entry()[0], self.entry()[2]

    def test_the_program_gets_its_arguments_without_a_shell_and_lines_that_end_in_lf(self):
        with Server(self.site) as server:
            self.ask(server)
            self.got_one()
        call, = self.calls()
        self.assertEqual(call["arguments"], ["-i", "-f", FROM, "--", NEW_ADDRESS])
        self.assertNotIn("\r", call["content"])

    def test_the_program_gets_none_of_our_secrets_files_and_blocked_signals(self):
        with Server(self.site, WAXSEAL_MAIL_SMTP_PASSWORD="a secret") as server:
            self.ask(server)
            self.got_one()
        call, = self.calls()
        self.assertEqual([name for name in call["environment"] if name.startswith("WAXSEAL_")], [])
        self.assertIn("PATH", call["environment"])
        self.assertEqual(call["blocked"], [])
        self.assertEqual(call["files"], ["0", "1", "2", "3"])  # 3: the folder that is being listed

    def test_what_hangs_is_killed_with_all_that_it_started(self):
        self.hang()
        self.site.configure(mail=self.settings(timeout="1s"))
        with Server(self.site) as server:
            self.ask_and_see_it_delayed(server)
        call, = self.calls()
        wait_until(lambda: not living_members_of(call["pid"]), "the whole process group is gone")

    def test_only_what_is_about_this_mail_ends_it(self):
        for code, state in ((64, "queued"), (65, "dead"), (67, "dead"), (68, "dead"), (69, "queued"), (70, "queued"),
                            (75, "queued"), (77, "queued"), (78, "queued"), (1, "queued")):
            with self.subTest(code=code):
                left, reason = self.reason_when(f"sys.exit({code})")
                self.assertEqual(left, state)
                self.assertIn(f"exit status {code}", reason)

    def test_a_program_that_crashes_or_babbles_or_reads_nothing(self):
        state, reason = self.reason_when(f"os.kill(os.getpid(), {int(signal.SIGKILL)})")
        self.assertEqual(state, "queued")
        self.assertIn("signal 9", reason)
        state, reason = self.reason_when("print('x' * 10_000_000); print('y', file=sys.stderr); sys.exit(75)")
        self.assertEqual(state, "queued")
        self.assertLess(len(reason), 3000)
        self.program.write_text("#!/bin/sh\nexit 0\n")
        self.site.query("DELETE FROM waxseal_outbox")
        with Server(self.site) as server:
            self.ask(server)
            self.wait_for_state("sent")

    def test_a_program_that_goes_away_keeps_the_mail(self):
        with Server(self.site) as server:
            self.program.rename(self.program.with_name("gone"))
            self.ask(server)
            reason = wait_until(lambda: self.entry()[2], "a reason")
        self.assertEqual(self.entry()[:2], ("queued", 1))
        self.assertIn("could not be started", reason)


if __name__ == "__main__":
    unittest.main()
