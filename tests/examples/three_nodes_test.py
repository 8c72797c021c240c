"""examples/three-nodes, started and stopped by its script."""

import unittest

from three_nodes import Presses, ThreeNodes, is_alive, skip_unless_possible, status_of


class ThreeNodesTest(unittest.TestCase):
    def test_three_nodes_share_the_work_and_end_with_the_script(self):
        skip_unless_possible()
        nodes = ThreeNodes()
        try:
            nodes.add_accounts(30)
            presses = Presses(nodes, nodes.links(30))
            presses.join()
            self.assertEqual(presses.statuses(), {200: 30})
            self.assertEqual(nodes.sql("SELECT count(*) FROM waxseal_account WHERE email LIKE 'b%@new.example'"), [["30"]])
            self.assertEqual([status_of(port, "/readyz") for port in nodes.nodes.values()], [200, 200, 200])
            processes = [nodes.process(name) for name in ("nginx", "node-1", "node-2", "node-3", "primary", "standby")]
        finally:
            nodes.stop()
        self.assertFalse(nodes.folder.exists())
        self.assertFalse([process for process in processes if is_alive(process)])


if __name__ == "__main__":
    unittest.main()
