"""A site whose mails go to a relay of the test."""

from relay import PASSWORD, USER, Certificates
from waxseal_program import DJANGO_SECRET, SiteTest, wait_until

NEW_ADDRESS = "new+tag@site.example"


class RelayTest(SiteTest):
    secrets = (DJANGO_SECRET, PASSWORD)

    def setUp(self):
        super().setUp()
        self.site.prepare()
        self.certificates = Certificates(self.site.folder)
        (self.site.folder / "password").write_text(PASSWORD + "\n")

    def smtp_settings(self, port, **mail):
        """Encrypted and signed in, but for what `mail` says; a None takes a key away."""
        settings = {"transport": "smtp", "smtp_url": f"smtp://127.0.0.1:{port}", "smtp_user": USER, "tls": "required",
                    "smtp_password_file": str(self.site.folder / "password"), "ca_file": str(self.certificates.certificate)}
        return {**settings, **mail}

    def configure(self, port, **mail):
        self.site.configure(mail=self.smtp_settings(port, **mail))

    def configure_plain(self, port, **mail):
        """Neither encrypted nor signed in."""
        self.configure(port, **{"tls": "none", "smtp_user": None, "smtp_password_file": None, "ca_file": None, **mail})

    def entry(self):
        """(state, attempts, reason) of the only entry."""
        entry, = self.site.outbox()
        return entry

    def wait_for_state(self, state):
        return wait_until(lambda: self.entry() if self.entry()[0] == state else None, f"the entry is {state}")

    def ask_and_see_it_delayed(self, server):
        """Asks once, and returns the reason with which the mail is kept for later, as `waxseal outbox list` tells it."""
        self.assertEqual(server.register_email(NEW_ADDRESS)[0], 200)
        state, attempts, reason = wait_until(lambda: self.entry() if self.entry()[1] else None, "an attempt")
        self.assertEqual((state, attempts), ("queued", 1))
        wait_until(lambda: "mail delayed" in server.log(), "a line in the log")
        listed, = self.site.must("outbox", "list", "--json").json()["entries"]
        self.assertEqual((listed["state"], listed["reason"]), ("queued", reason))
        return reason
