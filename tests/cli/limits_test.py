"""Limits are shared by all programs that serve one file, and outlive them."""

import unittest

from waxseal_program import Server, SiteTest


class SharedLimitsTest(SiteTest):
    def test_two_servers_and_a_restart_count_together(self):
        self.site.configure(limits={"per_user": "3/h"})
        self.site.prepare()
        with Server(self.site) as first, Server(self.site) as second:
            answers = [server.register_email(f"n{number}@site.example")[0] for number, server in
                       enumerate((first, second, first, second, first))]
            self.assertEqual(answers, [200, 200, 200, 429, 429])
        with Server(self.site) as restarted:
            status, headers, body = restarted.register_email("n9@site.example")
            self.assertEqual((status, body["code"]), (429, "rate-limited"))
            self.assertTrue(0 < int(headers["Retry-After"]) <= 1200, headers["Retry-After"])
        self.assertEqual(len(self.site.outbox()), 3)

    def test_the_defaults_let_a_person_ask_five_times_an_hour(self):
        self.site.configure(limits=dict.fromkeys(("per_user", "per_address", "per_domain", "per_ip")))
        self.site.prepare()
        with Server(self.site) as server:
            answers = [server.register_email(f"n{number}@site.example")[0] for number in range(6)]
        self.assertEqual(answers, [200] * 5 + [429])


if __name__ == "__main__":
    unittest.main()
