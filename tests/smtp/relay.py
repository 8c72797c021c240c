"""SMTP relays for tests. `Relay` is aiosmtpd with STARTTLS or TLS and a login, which remembers every command and every byte it
was given and does to each what the test tells it to. `Speaker` says what no decent server would."""

import asyncio
import logging
import socket
import ssl
import subprocess
import threading

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

    def __init__(self, envelope, session, transport):
        self.mail_from = envelope.mail_from
        self.recipients = list(envelope.rcpt_tos)
        self.content = envelope.content
        self.encrypted = transport.get_extra_info("ssl_object") is not None
        self.authenticated = session.authenticated


class Handler:
    def __init__(self, relay):
        self.relay = relay

    async def misbehave(self, server, command):
        """What the test wants to happen at this command or for this recipient: to be slow, or to hang up without a word."""
        await asyncio.sleep(self.relay.delay_s.get(command, 0))
        if command in self.relay.hang_up_at:
            await self.hang_up(server)

    async def hang_up(self, server):
        server.transport.abort()
        await asyncio.sleep(3600)  # nothing more is said on this connection

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        await self.misbehave(server, "EHLO")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.relay.mail_commands.append((address, options))
        await self.misbehave(server, "MAIL")
        if self.relay.mail_answer:
            return self.relay.mail_answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.relay.rcpt_commands.append(address)
        await self.misbehave(server, "RCPT")
        await self.misbehave(server, address)
        if self.relay.rcpt_answer:
            return self.relay.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.relay.attempted.append(envelope.content)
        if self.relay.data_answer:
            answer = self.relay.data_answer
            return answer(envelope.content) if callable(answer) else answer
        self.relay.received.append(Received(envelope, session, server.transport))
        await self.misbehave(server, "the end of DATA")
        return "250 OK"


class RecordingSMTP(SMTP):
    """Remembers the lines that came before the connection was encrypted."""

    relay = None

    def data_received(self, data):
        if self.session is None or self.session.ssl is None:
            self.relay.clear_text += data
        super().data_received(data)

    def connection_made(self, transport):
        self.relay.connections += 1
        self.relay.transports.append(transport)
        super().connection_made(transport)


class Relay(Controller):
    """On a port that the system picks, or on the one given. Use as a context."""

    def __init__(self, certificates=None, *, login=True, port=0, implicit_tls=False, without_mechanisms=(), smtputf8=False):
        self.attempted = []
        self.received = []
        self.connections = 0
        self.transports = []
        self.mail_commands = []
        self.rcpt_commands = []
        self.mail_answer = None
        self.delay_s = {}
        self.hang_up_at = set()
        self.logins = []
        self.rcpt_answer = None
        self.data_answer = None  # or a function of the content
        self.clear_text = b""
        self.password = PASSWORD
        options = {"enable_SMTPUTF8": smtputf8, "auth_exclude_mechanism": without_mechanisms}
        if certificates and not implicit_tls:
            options |= {"tls_context": certificates.context(), "require_starttls": True}
        if login:
            # aiosmtpd counts STARTTLS alone as TLS
            options |= {"authenticator": self.authenticate, "auth_required": True, "auth_require_tls": not implicit_tls}
        self._options = options
        super().__init__(Handler(self), hostname="127.0.0.1", port=port, ready_timeout=20,
                         ssl_context=certificates.context() if certificates and implicit_tls else None)

    def factory(self):
        server = RecordingSMTP(self.handler, hostname="relay.example", **self._options)
        server.relay = self
        return server

    def authenticate(self, server, session, envelope, mechanism, auth_data):
        good = auth_data.login == USER.encode() and auth_data.password == self.password.encode()
        self.logins.append((mechanism, good))
        return AuthResult(success=good, handled=False)

    def hang_up_idle(self):
        """Closes every connection, as relays do to those that are idle for too long."""
        for transport in self.transports:
            self.loop.call_soon_threadsafe(transport.abort)
        self.transports.clear()

    def _trigger_server(self):
        """Controller checks itself by connecting to the port that it was told, which may be 0: ask for the real one first."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def __enter__(self):
        self.start()
        self.clear_text = b""  # of its own check
        self.connections = 0
        return self

    def __exit__(self, *_):
        self.stop()


class Speaker:
    """Says one thing to whoever connects, then one thing to each line it hears, and hangs up when it has nothing more to say. A
    None among them: it says nothing, and waits until the other side goes. Use as a context."""

    def __init__(self, *words):
        self._words = words
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.heard = b""
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # closed by __exit__
            self.connections += 1
            with connection:
                self._talk(connection)

    def _talk(self, connection):
        try:
            for word in self._words:
                if word is not None:
                    connection.sendall(word.encode() + b"\r\n")
                heard = connection.recv(65536)
                self.heard += heard
                if not heard:
                    return
        except OSError:
            return

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=20)
