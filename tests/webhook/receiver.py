"""A receiver of webhooks for tests: a real HTTP server, with TLS where there is a certificate, that checks what it is sent on
its own, by Python's hmac, and answers what the test tells it to."""

import base64
import hmac
import http.server
import json
import ssl
import threading
import time
from hashlib import sha256


class Received:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.event = json.loads(body)
        self.id = headers["webhook-id"]

    def is_signed_with(self, secret):
        """Standard Webhooks: HMAC-SHA256 over id, timestamp and body, and the timestamp is fresh."""
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        timestamp = self.headers["webhook-timestamp"]
        mac = hmac.digest(key, b".".join([self.id.encode(), timestamp.encode(), self.body]), sha256)
        version, signature = self.headers["webhook-signature"].split(",", 1)
        fresh = abs(time.time() - int(timestamp)) < 300
        return version == "v1" and fresh and hmac.compare_digest(base64.b64decode(signature, validate=True), mac)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        receiver = self.server.receiver
        receiver.received.append(Received(self.command, self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
        receiver.wait.wait(receiver.delay_s)
        try:
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.answer)
        except OSError:
            pass  # the sender hung up, which some tests are about

    do_GET = do_PUT = do_POST

    def log_message(self, *_):
        pass


class Receiver:
    """Listens on a port that the system picks. Use as a context."""

    def __init__(self, certificates=None, host="127.0.0.1"):
        self.received = []
        self.status = 204
        self.headers = {}
        self.answer = b""
        self.delay_s = 0
        self.wait = threading.Event()
        self._server = http.server.ThreadingHTTPServer((host, 0), Handler)
        self._server.receiver = self
        self._server.daemon_threads = True
        if certificates:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificates.certificate, certificates.key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.wait.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=20)
