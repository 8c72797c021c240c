"""examples/behind-nginx: a real nginx with the lines that the example shows, Waxseal behind two routes, another server behind all else."""

import http.client
import http.server
import json
import os
import socket
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from waxseal_program import LONGEST_WAIT_S, Server, Site, link_in, wait_until

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "behind-nginx"
REGISTER = "/api/v1/accounts/register-email/"
VERIFY = "/api/v1/accounts/verify-email/"

AROUND = """
{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""


class Django:
    """Answers everything with 200 and keeps which paths it was asked for, and with which headers."""

    def __init__(self):
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked.append((self.command, self.path, dict(self.headers)))
                self.send_response(200)
                self.send_header("Content-Length", "6")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(b"django")

            do_GET = do_HEAD = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(LONGEST_WAIT_S)


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket in a folder: nginx cannot tell which port the system picked for it."""

    def __init__(self, path):
        super().__init__("backend-host", timeout=LONGEST_WAIT_S)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(LONGEST_WAIT_S)
        self.sock.connect(self._path)


class Nginx:
    def __init__(self, site):
        self._folder = tempfile.TemporaryDirectory(prefix="waxseal-nginx-")
        folder = Path(self._folder.name)
        self.socket = folder / "socket"
        config = folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""  # its workers must get into a folder of root's
        config.write_text(AROUND.format(user=user, folder=folder, site=site.replace("listen 80;", f"listen unix:{self.socket};")))
        self._log = open(folder / "log", "w+b")
        self._process = subprocess.Popen(["/usr/sbin/nginx", "-e", "stderr", "-c", str(config), "-p", str(folder)],
                                         stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT)
        wait_until(self._listening, "nginx listens")

    def _listening(self):
        if self._process.poll() is not None:
            self._log.seek(0)
            raise AssertionError(f"nginx ended: {self._log.read().decode()}")
        with socket.socket(socket.AF_UNIX) as client:  # its file is there a moment before nginx listens on it
            return self.socket.exists() and client.connect_ex(str(self.socket)) == 0

    def stop(self):
        self._process.terminate()
        self._process.wait(LONGEST_WAIT_S)
        self._log.close()
        self._folder.cleanup()


class NginxTest(unittest.TestCase):
    extra_lines = ""

    def setUp(self):
        self.site = Site().prepare()
        self.addCleanup(self.site.remove)
        self.waxseal = Server(self.site)
        self.addCleanup(self.waxseal.__exit__)
        self.django = Django()
        self.addCleanup(self.django.stop)
        lines = (EXAMPLE / "site.conf").read_text()
        self.assertEqual(lines.count("127.0.0.1:8080"), 4)
        self.assertEqual(lines.count("127.0.0.1:8000"), 1)
        lines = lines.replace("    location / {", self.extra_lines + "    location / {")
        self.nginx = Nginx(lines.replace("127.0.0.1:8080", f"127.0.0.1:{self.waxseal.port}")
                           .replace("127.0.0.1:8000", f"127.0.0.1:{self.django.port}"))
        self.addCleanup(self.nginx.stop)

    def request(self, method, path, body=None, chunked=False, **headers):
        connection = UnixConnection(self.nginx.socket)
        try:
            connection.request(method, path, iter([body]) if chunked else body, headers, encode_chunked=chunked)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def post(self, path, body, **options):
        return self.request("POST", path, json.dumps(body).encode(), **{"Content-Type": "application/json", **options})


class TwoRoutesTest(NginxTest):
    def test_the_two_routes_go_to_waxseal_and_a_change_works_through_them(self):
        token = {"Authorization": f"Token {self.site.token}"}
        status, headers, _ = self.post(REGISTER, {"email": "new@site.example"}, **token)
        self.assertEqual(status, 200)
        self.assertIn("X-Request-Id", headers)
        self.assertEqual(len(self.site.outbox()), 1)
        mail, = wait_until(self.site.mails, "the mail")
        status, headers, _ = self.post(VERIFY, link_in(mail))
        self.assertEqual((status, headers["Waxseal-Code"]), (200, "verified"))
        self.assertEqual(self.django.asked, [])

    def test_a_body_in_chunks_reaches_waxseal_whole(self):
        status, headers, _ = self.request("POST", REGISTER, b'{"email": "new@site.example"}', chunked=True,
                                          **{"Content-Type": "application/json", "Authorization": f"Token {self.site.token}",
                                             "Transfer-Encoding": "chunked"})
        self.assertEqual(status, 200)

    def test_without_the_final_slash_it_is_the_same_route(self):
        status, headers, _ = self.post(VERIFY[:-1], {})
        self.assertEqual((status, headers["Waxseal-Code"]), (400, "invalid-fields"))
        status, headers, _ = self.post(REGISTER[:-1], {})
        self.assertEqual((status, headers["Waxseal-Code"]), (401, "not-authenticated"))

    def test_every_method_of_the_two_routes_is_waxseals(self):
        for path in (REGISTER, VERIFY):
            for method in ("GET", "HEAD", "PUT"):
                status, headers, _ = self.request(method, path + "?user_id=1&signature=x")
                self.assertEqual((status, headers["Waxseal-Code"]), (405, "method-not-allowed"))
        self.assertEqual(self.django.asked, [])

    def test_all_else_goes_to_django(self):
        paths = ["/", "/admin/", "/api/v1/accounts/login/", "/api/v1/accounts/register/", "/api/v1/accounts/verify-registration/",
                 REGISTER + "more/", "/x" + VERIFY, "/api/v2/accounts/verify-email/", "/healthz",
                 "/.well-known/jwks.json", "/readyz"]
        for path in paths:
            with self.subTest(path=path):
                self.assertEqual(self.post(path, {"email": "x"})[::2], (200, b"django"))
        self.assertEqual([path for _, path, _ in self.django.asked], paths)

    def test_what_a_client_says_of_its_address_is_not_passed_on(self):
        self.request("GET", "/", **{"X-Forwarded-For": "10.9.8.7", "X-Request-Id": "chosen"})
        (_, _, headers), = self.django.asked
        self.assertNotIn("10.9.8.7", headers["X-Forwarded-For"])
        self.assertRegex(headers["X-Request-Id"], "^[0-9a-f]{32}$")

    def test_an_account_that_a_client_names_is_not_passed_on(self):
        self.request("GET", "/", **{"X-Waxseal-Account": "1"})
        (_, _, headers), = self.django.asked
        self.assertNotIn("X-Waxseal-Account", headers)

    def test_without_waxseal_the_two_routes_fail_and_all_else_works(self):
        self.waxseal.terminate()
        self.waxseal.wait()
        self.assertEqual(self.post(VERIFY, {})[0], 502)
        self.assertEqual(self.request("GET", "/")[0], 200)


class FurtherRoutesTest(NginxTest):
    extra_lines = (EXAMPLE / "further_routes.conf").read_text()

    def test_undo_email_is_waxseals(self):
        for path in ("/api/v1/accounts/undo-email/", "/api/v1/accounts/undo-email"):
            status, headers, _ = self.post(path, {})
            self.assertEqual((status, headers["Waxseal-Code"]), (400, "invalid-fields"))

    def test_the_public_keys_are_served(self):
        status, headers, body = self.request("GET", "/.well-known/jwks.json")
        self.assertEqual((status, headers["Access-Control-Allow-Origin"]), (200, "*"))
        self.assertEqual(len(json.loads(body)["keys"]), 1)


if __name__ == "__main__":
    unittest.main()
