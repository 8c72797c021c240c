"""kill -9 while many people press their links at once: whatever was answered with 200 is on disk. Prints its figures."""

import http.client
import json
import queue
import sqlite3
import threading
import time
import unittest
from urllib.parse import parse_qsl, urlsplit

from waxseal_program import Server, SiteTest, wait_until

ACCOUNTS = 3000
LINKS_A_COMMAND = 250  # each of them is on disk before the next is made
KILLS = 12
CLIENTS = 32


class LoadTest(SiteTest):
    def prepare_links(self):
        """Accounts with a pending change each, and the links of `waxseal link new`."""
        self.site.prepare()
        self.site.configure(server={"threads": 32})
        with sqlite3.connect(self.site.database) as database:
            database.executemany("INSERT INTO waxseal_account (id, email) VALUES (?, ?)",
                                 ((f"u{number}", f"u{number}@site.example") for number in range(ACCOUNTS)))
        wanted = [json.dumps({"user_id": f"u{number}", "email": f"new{number}@site.example"}) + "\n" for number in range(ACCOUNTS)]
        urls = []
        for first in range(0, ACCOUNTS, LINKS_A_COMMAND):
            lines = self.site.must("link", "new", "--stdin", stdin="".join(wanted[first:first + LINKS_A_COMMAND])).out.splitlines()
            urls += [json.loads(line)["url"] for line in lines]
        self.assertEqual(len(urls), ACCOUNTS)
        return urls

    def press(self, links):
        """One client: each link once, until it has an answer."""
        while True:
            try:
                number, fields = links.get_nowait()
            except queue.Empty:
                return
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
                connection.request("POST", "/api/v1/accounts/verify-email/", json.dumps(fields), {"Content-Type": "application/json"})
                status = connection.getresponse().status
                connection.close()
            except (OSError, http.client.HTTPException):
                status = "no answer"
                time.sleep(0.02)
            with self.lock:
                self.answers[status] = self.answers.get(status, 0) + 1
                if status == 200:
                    self.verified.append(number)
            if status != 200:
                links.put((number, fields))

    def test_no_answered_change_is_lost(self):
        links = queue.Queue()
        for number, url in enumerate(self.prepare_links()):
            links.put((number, dict(parse_qsl(urlsplit(url).query))))
        self.answers, self.verified, self.lock, lost_at_a_kill = {}, [], threading.Lock(), 0
        self.server = Server(self.site)
        clients = [threading.Thread(target=self.press, args=(links,), daemon=True) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for kill in range(1, KILLS + 1):
            wait_until(lambda: len(self.verified) >= ACCOUNTS * kill // (KILLS + 1), f"answers before kill {kill}", 120)
            self.server.kill()
            with self.lock:
                answered = list(self.verified)
            lost_at_a_kill += len(self.lost(answered))
            self.server.__exit__()
            self.server = Server(self.site)
        for client in clients:
            client.join(timeout=120)
        self.server.__exit__()
        print(f"\nanswers {self.answers}; kills {KILLS}; changes answered {len(self.verified)}, lost {lost_at_a_kill + len(self.lost(self.verified))}",
              flush=True)
        self.assertEqual(len(self.verified), ACCOUNTS)
        self.assertGreater(self.answers.get("no answer", 0), 0, "no kill met a request")
        self.assertEqual(lost_at_a_kill, 0)
        self.assertEqual(self.lost(self.verified), [])

    def lost(self, numbers):
        """Accounts whose change was answered and that have their old address."""
        emails = dict(self.site.query("SELECT id, email FROM waxseal_account"))
        return [number for number in numbers if emails[f"u{number}"] != f"new{number}@site.example"]


if __name__ == "__main__":
    unittest.main()
