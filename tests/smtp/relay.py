"""An SMTP relay for tests: aiosmtpd with STARTTLS and a login, which remembers every command and every byte it was given
and refuses what the test tells it to refuse."""

import logging
import ssl
import subprocess

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

USER = "waxseal"
PASSWORD = "a-password-that-nobody-may-see"

# What aiosmtpd thinks of clients that hang up is what some of the tests are about.
logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)


class Certificates:
    """A self-signed certificate, made anew for each run."""

    def __init__(self, folder, name="relay", names="IP:127.0.0.1"):
        self.certificate = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=localhost", "-addext", f"subjectAltName={names}", "-days", "2",
                        "-keyout", self.key, "-out", self.certificate], check=True, capture_output=True)

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


class Received:
    """One message, as the envelope and DATA had it."""

    def __init__(self, envelope, session):
        self.mail_from = envelope.mail_from
        self.recipients = list(envelope.rcpt_tos)
        self.content = envelope.content
        self.encrypted = session.ssl is not None
        self.authenticated = session.authenticated


class Handler:
    def __init__(self, relay):
        self.relay = relay

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.relay.rcpt_commands.append(address)
        if self.relay.rcpt_answer:
            return self.relay.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.relay.data_answer:
            return self.relay.data_answer
        self.relay.received.append(Received(envelope, session))
        return "250 OK"


class RecordingSMTP(SMTP):
    """Remembers the lines that came before the connection was encrypted."""

    relay = None

    def data_received(self, data):
        if self.session is None or self.session.ssl is None:
            self.relay.clear_text += data
        super().data_received(data)


class Relay(Controller):
    """On a port that the system picks, or on the one given. Use as a context."""

    def __init__(self, certificates=None, *, login=True, port=0):
        self.received = []
        self.rcpt_commands = []
        self.logins = []
        self.rcpt_answer = None
        self.data_answer = None
        self.clear_text = b""
        self.password = PASSWORD
        options = {}
        if certificates:
            options = {"tls_context": certificates.context(), "require_starttls": True}
        if login:
            options |= {"authenticator": self.authenticate, "auth_required": True, "auth_require_tls": True}
        self._options = options
        super().__init__(Handler(self), hostname="127.0.0.1", port=port, ready_timeout=20)

    def factory(self):
        server = RecordingSMTP(self.handler, hostname="relay.example", **self._options)
        server.relay = self
        return server

    def authenticate(self, server, session, envelope, mechanism, auth_data):
        good = auth_data.login == USER.encode() and auth_data.password == self.password.encode()
        self.logins.append((mechanism, good))
        return AuthResult(success=good, handled=False)

    def _trigger_server(self):
        """Controller checks itself by connecting to the port that it was told, which may be 0: ask for the real one first."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def __enter__(self):
        self.start()
        self.clear_text = b""  # of its own check
        return self

    def __exit__(self, *_):
        self.stop()
