"""A front end that signs in by Django's session: a real nginx with the very lines of docs/migrating-from-django.md, a real
Django that answers its subrequest, and Waxseal on the accounts of that Django."""

import http.client
import json
import re
import socket
import subprocess
import unittest
from pathlib import Path

from waxseal_program import LONGEST_WAIT_S, Server, SiteTest, wait_until

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "migrating-from-django.md").read_text(encoding="utf-8")
REGISTER = "/api/v1/accounts/register-email/"
VERIFY = "/api/v1/accounts/verify-email/"

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/client_body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:8000; }}
{lines}
  }}
}}
"""


def documented(heading, language):
    """The one block of that language under a heading of the page."""
    section = PAGE.split(f"### {heading}\n", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
    block, = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
    return block


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A program that runs until the test ends."""

    def __init__(self, test, command, **options):
        self.process = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, text=True, **options)
        test.addCleanup(self.stop)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=LONGEST_WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class Browser:
    """Keeps cookies, and sends what it is told to."""

    def __init__(self, port):
        self.port = port
        self.cookies = {}

    def post(self, path, body="", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_WAIT_S)
        try:
            headers = {name.replace("_", "-"): value for name, value in headers.items()}
            if self.cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, value = cookie.split(";")[0].split("=", 1)
                self.cookies[name] = value
            self.headers = answer.headers
            return answer.status, answer.read()
        finally:
            connection.close()

    def post_json(self, path, fields, **headers):
        return self.post(path, json.dumps(fields), Content_Type="application/json", **headers)


class SessionCookieTest(SiteTest):
    def start_django(self):
        view = self.site.folder / "view.py"
        view.write_text(documented("nginx asks Django who it is", "python"))
        script = Path(__file__).with_name("session_site.py")
        django = Program(self, ["/usr/bin/python3", "-B", script, self.site.database, view], stdout=subprocess.PIPE)
        line = django.process.stdout.readline()
        self.assertIn("listening on", line, "Django did not start")
        self.django_port = int(line.split()[-1])

    def start_nginx(self, lines, waxseal_port):
        port = free_port()
        config = NGINX.format(folder=self.site.folder, port=port, lines=lines)
        config = config.replace("127.0.0.1:8000", f"127.0.0.1:{self.django_port}")
        config = config.replace("127.0.0.1:8080", f"127.0.0.1:{waxseal_port}")
        file = self.site.folder / "nginx.conf"
        file.write_text(config)
        nginx = Program(self, ["/usr/sbin/nginx", "-p", self.site.folder, "-c", file, "-e", "stderr"])

        def answers():
            self.assertIsNone(nginx.process.poll(), "nginx ended")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=LONGEST_WAIT_S).close()
                return True
            except ConnectionRefusedError:
                return False
        wait_until(answers, "nginx listens")
        return port

    def start_waxseal(self, **sections):
        users = {"table": "auth_user", "credential_column": "password"}
        self.site.configure(users=users, **sections)
        self.site.must("migrate")
        if "ed25519" in sections.get("signing", {}).get("accept", ["ed25519"]):
            self.site.must("key", "new")
        server = Server(self.site)
        self.addCleanup(server.__exit__)
        return server

    def requested(self):
        return self.site.query("SELECT account_id, new_email FROM waxseal_change ORDER BY account_id, link_version")

    def email_of(self, account_id):
        return self.site.query("SELECT email FROM auth_user WHERE id = ?", account_id)[0][0]


class NginxAsksDjangoTest(SessionCookieTest):
    def setUp(self):
        super().setUp()
        self.start_django()
        self.waxseal = self.start_waxseal(
            server={"listen": "127.0.0.1:0", "threads": 4, "trusted_proxies": ["127.0.0.1"]},
            auth={"schemes": ["proxy"], "proxy_header": "X-Waxseal-Account"})
        self.port = self.start_nginx(documented("nginx asks Django who it is", "nginx"), self.waxseal.port)
        self.ada = Browser(self.port)
        self.assertEqual(self.ada.post("/sign-in/", X_Name="ada")[0], 204)

    def ask(self, browser, path=REGISTER, **headers):
        return browser.post_json(path, {"email": "new@site.example"}, **headers)

    def token(self):
        return {"X_CSRFToken": self.ada.cookies["csrftoken"]}

    def test_the_whole_way_by_session(self):
        status, body = self.ask(self.ada, **self.token())
        self.assertEqual((status, json.loads(body)["detail"]), (200, "Register email link email sent"))
        mail, = wait_until(self.site.mails, "a mail")
        query = re.search(rb"verify-email/\?(\S+)", mail.read_bytes().replace(b"=\r\n", b"").replace(b"=3D", b"=")).group(1)
        link = dict(re.findall(r"([a-z_]+)=([^&\s]+)", query.decode()))
        fields = {**link, "email": "new@site.example"}
        self.assertEqual(Browser(self.port).post_json(VERIFY, fields)[0], 200)
        self.assertEqual(self.email_of(1), "new@site.example")
        self.assertEqual(self.email_of(2), "bob@site.example")

    def test_without_a_session_waxseal_itself_says_401(self):
        stranger = Browser(self.port)
        stranger.cookies["csrftoken"] = self.ada.cookies["csrftoken"]
        status, body = self.ask(stranger, **self.token())
        self.assertEqual((status, json.loads(body)["code"]), (401, "not-authenticated"))
        self.assertEqual(self.requested(), [])

    def test_a_page_of_another_site_cannot_forge_the_request(self):
        """It has the cookies by the browser's grace (as if SameSite were None), and can neither read nor send the token."""
        self.assertEqual(self.ask(self.ada)[0], 403)
        self.assertEqual(self.ask(self.ada, X_CSRFToken="x" * 64)[0], 403)
        form = "email=new%40site.example&csrfmiddlewaretoken=" + "x" * 64
        self.assertEqual(self.ada.post(REGISTER, form, Content_Type="application/x-www-form-urlencoded",
                                       Origin="https://evil.example")[0], 403)
        self.assertEqual(self.requested(), [])
        self.assertEqual(self.ask(self.ada, **self.token())[0], 200)

    def test_the_session_cookie_stays_at_home(self):
        self.ada.post("/sign-in/", X_Name="ada")
        cookies = [cookie for cookie in self.ada.headers.get_all("Set-Cookie") if cookie.startswith("sessionid=")]
        self.assertIn("SameSite=Lax", cookies[0])

    def test_a_client_cannot_name_an_account_by_any_spelling_of_the_path(self):
        stranger = Browser(self.port)
        for path in (REGISTER, REGISTER.rstrip("/"), VERIFY + "../register-email/", VERIFY + "%2e%2e/register-email",
                     VERIFY + "..%2fregister-email", REGISTER.replace("-", "%2d"), "/" + REGISTER, VERIFY + "/../../accounts/register-email/",
                     "/-/waxseal-account", "/api/v1/accounts/verify-emailx/../register-email/"):
            with self.subTest(path):
                status, _ = self.ask(stranger, path, X_Waxseal_Account="2", **self.token())
                self.assertGreaterEqual(status, 400)
        self.assertEqual(self.requested(), [])

    def test_a_session_cannot_name_another_account(self):
        self.assertEqual(self.ask(self.ada, X_Waxseal_Account="2", **self.token())[0], 200)
        self.assertEqual(self.requested(), [("1", "new@site.example")])

    def test_both_spellings_of_the_path_work_and_the_log_has_the_client(self):
        self.assertEqual(self.ask(self.ada, REGISTER.rstrip("/"), X_Forwarded_For="203.0.113.9, 198.51.100.7", **self.token())[0], 200)
        # nginx on this machine is a trusted proxy, and so is the client that stands before it; what that one claims is walked on.
        wait_until(lambda: "client=198.51.100.7" in self.waxseal.log(), "the client's address in the log")


class VerifyEmailAloneTest(SessionCookieTest):
    def test_verify_email_moves_and_register_email_is_not_there(self):
        self.start_django()
        waxseal = self.start_waxseal(auth={"schemes": []}, signing={"keys_dir": None, "issue": "django", "accept": ["django"]})
        port = self.start_nginx(documented("Only verify-email moves", "nginx"), waxseal.port)
        made = self.site.must("link", "new", "--user", "1", "--email", "new@site.example", "--scheme", "django", "--json").json()
        fields = dict(re.findall(r"([a-z_]+)=([^&\s]+)", made["url"])) | {"email": "new@site.example"}
        self.assertEqual(Browser(port).post_json(VERIFY, fields)[0], 200)
        self.assertEqual(self.email_of(1), "new@site.example")
        status, _, body = waxseal.post(REGISTER, {"email": "other@site.example"})
        self.assertEqual((status, body["code"]), (404, "not-found"))


if __name__ == "__main__":
    unittest.main()
