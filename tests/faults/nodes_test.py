"""Three nodes on a primary and a synchronous standby lose one part after another. What was answered 200 is there, and nothing twice."""

import signal
import subprocess
import time
import unittest

from three_nodes import EXAMPLE, Presses, ThreeNodes, skip_unless_possible, status_of
from waxseal_program import wait_until

READY_AGAIN_S = 15


class NodesTest(unittest.TestCase):
    def setUp(self):
        skip_unless_possible()
        self.nodes = ThreeNodes()
        self.addCleanup(self.nodes.stop)

    def links(self, count, start=1):
        self.nodes.add_accounts(count, start)
        return self.nodes.links(count, start)

    def check_changes(self, presses, port=None):
        """All whose press was answered 200 have their new address, by one applied change each."""
        changed = {row[0] for row in self.nodes.sql("SELECT id FROM waxseal_account WHERE email = 'b' || id || '@new.example'", port)}
        self.assertEqual(presses.done() - changed, set())
        self.assertEqual(self.nodes.sql("SELECT account_id, count(*) FROM waxseal_change WHERE outcome = 'applied' "
                                        "GROUP BY 1 HAVING count(*) > 1", port), [])
        applied = self.nodes.sql("SELECT count(*) FROM waxseal_change WHERE outcome = 'applied'", port)
        self.assertEqual(applied, [[str(len(changed))]])

    def test_a_primary_that_is_killed_under_load_and_its_promoted_standby_lose_nothing(self):
        presses = Presses(self.nodes, self.links(6000))
        self.addCleanup(presses.stop)
        wait_until(lambda: len(presses.done()) > 300, "the load runs")
        lost_at = time.monotonic()
        self.nodes.kill("primary")
        before = presses.done()
        wait_until(lambda: presses.answers[-1][1] == 503, "the loss is answered 503")
        self.assertEqual([status_of(port, "/readyz") for port in self.nodes.nodes.values()], [503] * 3)
        self.nodes.cluster("promote")
        promoted_at = time.monotonic()
        wait_until(lambda: len(presses.done()) > len(before) + 100, "changes are made again", READY_AGAIN_S)
        first = min(at for at, status, _, _ in list(presses.answers) if status == 200 and at > promoted_at)
        wait_until(lambda: all(status_of(port, "/readyz") == 200 for port in self.nodes.nodes.values()), "every node is ready", READY_AGAIN_S)
        presses.stop()
        print(f"\nfailover: primary lost under 8 threads; promoted after {promoted_at - lost_at:.2f} s; first change "
              f"{first - promoted_at:.2f} s after the promotion; answers {presses.statuses()}; "
              f"{len(before)} changes before the loss, {len(presses.done())} in all")
        self.assertLess(first - promoted_at, READY_AGAIN_S)
        self.assertLessEqual(set(presses.statuses()), {200, 503})
        self.check_changes(presses, self.nodes.standby)

    def test_while_the_synchronous_standby_is_gone_nothing_is_promised_and_then_all_goes_on(self):
        links = self.links(40)
        self.nodes.kill("standby")
        presses = Presses(self.nodes, links, threads=4)
        self.addCleanup(presses.stop)
        wait_until(lambda: any(status == 503 for _, status, _, _ in presses.answers), "a change that is not safe is answered 503", 40)
        self.assertEqual(presses.done(), set())
        back = subprocess.run(["bash", "-c", f"source <(sed '/^case /,$d' {EXAMPLE}/cluster); folder={self.nodes.folder}; "
                               f"start_database standby {self.nodes.standby}"], env=self.nodes.environment, capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(back.returncode, 0, back.stderr)
        presses.join()
        print(f"\nstandby lost: {presses.statuses()}")
        self.assertEqual(len(presses.done()), 40)
        self.check_changes(presses)

    def test_a_node_that_is_killed_fails_no_request(self):
        presses = Presses(self.nodes, self.links(2000))
        self.addCleanup(presses.stop)
        wait_until(lambda: len(presses.done()) > 200, "the load runs")
        self.nodes.kill("node-2")
        presses.join()
        print(f"\nnode killed: {presses.statuses()}")
        self.assertEqual(presses.statuses(), {200: 2000})
        self.check_changes(presses)

    def test_a_node_that_stands_still_for_20_s_and_goes_on_changes_nothing_twice(self):
        presses = Presses(self.nodes, self.links(4000))
        self.addCleanup(presses.stop)
        wait_until(lambda: len(presses.done()) > 100, "the load runs")
        self.nodes.signal("node-3", signal.SIGSTOP)
        stopped_at = time.monotonic()
        try:
            held = wait_until(lambda: time.monotonic() - stopped_at > 20 and self.nodes.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'waxseal' AND state = 'idle in transaction' "
                "AND state_change < now() - interval '17 s'"),
                "20 s, and the lease of its transaction is over", 40)
        finally:
            self.nodes.signal("node-3", signal.SIGCONT)
        self.assertEqual(held, [["0"]])
        presses.join()
        wait_until(lambda: status_of(self.nodes.nodes[3], "/readyz") == 200, "the node is ready again")
        print(f"\nnode stopped for 20 s: {presses.statuses()}")
        self.assertEqual(presses.statuses(), {200: 4000})
        self.check_changes(presses)

    def test_nodes_and_keys_are_replaced_one_after_the_other_and_a_newer_schema_comes_without_a_failed_request(self):
        """As an upgrade does: the new version migrates first, the nodes of the old one go on beside it."""
        presses = Presses(self.nodes, self.links(4000), threads=4)
        self.addCleanup(presses.stop)
        wait_until(lambda: len(presses.done()) > 100, "the load runs")
        self.nodes.sql("ALTER TABLE waxseal_change ADD COLUMN of_a_newer_version text; "
                       "INSERT INTO waxseal_migration (name) VALUES ('links/9999_newer')")
        for number in (1, 2, 3):
            name = f"node-{number}"
            process = self.nodes.process(name)
            self.nodes.signal(name, signal.SIGTERM)
            wait_until(lambda: "stopped" in self.nodes.log(name).rsplit("listening", 1)[-1], f"{name} ({process}) ends")
            self.nodes.cluster("start-node", number)
            # Two nodes that nginx leaves alone at once would be one too many.
            wait_until(lambda: "route=/api/v1/accounts/verify-email" in self.nodes.log(name).rsplit("listening", 1)[-1], f"nginx uses {name} again")
        self.nodes.command("key", "new")
        for number in (1, 2, 3):  # one signs with the new key already while the others have never seen it
            self.nodes.signal(f"node-{number}", signal.SIGHUP)
            fresh = Presses(self.nodes, self.links(30, start=10000 + number * 100), threads=3)
            fresh.join()
            self.assertEqual(fresh.statuses(), {200: 30})
        presses.join()
        print(f"\nrolling restart and rotation: {presses.statuses()}")
        self.assertEqual(presses.statuses(), {200: 4000})
        self.check_changes(presses)


if __name__ == "__main__":
    unittest.main()
