#!/usr/bin/python3
"""How many changes a second one, two and three nodes make on one PostgreSQL, beside pgbench with the statements of a change.

    bench/nodes.py --waxseal PROGRAM --load PROGRAM [--seconds S] [--links N] [--connections C]

All of it on this machine: nodes, database, load. The database is durable (fsync on) and has no standby. Prints one JSON object: changes a
second of each run and of pgbench before and after them, and the processor time of the database and of the nodes for one change.
"""

import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from postgres_cluster import Cluster, programs  # noqa: E402

# A press as the server sees it: three reads, then one transaction. `:id` is an account whose change waits.
STATEMENTS = r"""
\set id random(1, :accounts)
SELECT id, email, active FROM waxseal_account WHERE id = (:id)::text;
SELECT old_email, new_email, outcome FROM waxseal_change WHERE account_id = (:id)::text AND link_version = 1700000000;
SELECT state.link_version, change.new_email FROM waxseal_link_state AS state LEFT JOIN waxseal_change AS change
    ON change.account_id = state.account_id AND change.link_version = state.link_version AND change.outcome = 'pending'
 WHERE state.account_id = (:id)::text;
BEGIN;
UPDATE waxseal_account SET email = 'b' || (:id)::text || '@new.example' WHERE id = (:id)::text AND email IS NOT NULL;
SELECT state.link_version, change.new_email FROM waxseal_link_state AS state LEFT JOIN waxseal_change AS change
    ON change.account_id = state.account_id AND change.link_version = state.link_version AND change.outcome = 'pending'
 WHERE state.account_id = (:id)::text;
UPDATE waxseal_change SET outcome = 'applied', settled_at = 1700000001 WHERE account_id = (:id)::text AND link_version = 1700000000 AND outcome = 'pending';
DELETE FROM waxseal_email_claim WHERE account_id = (:id)::text;
INSERT INTO waxseal_email_claim (email_key, account_id) VALUES ('b' || (:id)::text || '@new.example', (:id)::text) ON CONFLICT (email_key) DO NOTHING;
UPDATE waxseal_change SET outcome = 'superseded', settled_at = 1700000001 WHERE account_id = (:id)::text AND outcome = 'pending';
UPDATE waxseal_link_state SET link_version = link_version + 1 WHERE account_id = (:id)::text;
COMMIT;
"""


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waxseal", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--links", type=int, default=12000, help="for each of the three runs")
    parser.add_argument("--connections", type=int, default=24)
    return parser.parse_args()


def cpu_seconds(root):
    """Of a process and all below it, those that ended included."""
    ticks, waiting = 0, [root]
    children = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append((int(entry.parent.name), fields))
    own = {pid: fields for group in children.values() for pid, fields in group}
    while waiting:
        pid = waiting.pop()
        if pid in own:
            ticks += sum(map(int, own[pid][11:15]))
        waiting += [child for child, _ in children.get(pid, [])]
    return ticks / os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, chosen):
        os.environ["WAXSEAL_PROGRAM"] = chosen.waxseal
        from waxseal_program import Server, Site  # reads the variable when it is loaded
        self.chosen, self.server_type = chosen, Server
        self.cluster = Cluster(durable=True, settings={"shared_buffers": "'256MB'", "max_wal_size": "'2GB'"}).create().start()
        self.cluster.sql("CREATE DATABASE waxseal")
        self.site = Site(storage={"url": self.cluster.url()}, server={"threads": 16, "listen": "127.0.0.1:0"})
        self.site.prepare()
        self.accounts = 3 * chosen.links

    def stop(self):
        self.site.remove()
        self.cluster.stop()

    def sql(self, statement):
        return self.cluster.sql(statement, "waxseal")

    def make_accounts(self):
        rows = f"SELECT i::text AS id, 'a' || i || '@old.example' AS email FROM generate_series(1000000, {1000000 + self.accounts - 1}) AS i"
        self.sql(f"INSERT INTO waxseal_account (id, email) {rows}")
        self.sql(f"INSERT INTO waxseal_email_claim (account_id, email_key) {rows}")
        lines = "".join(json.dumps({"user_id": str(1000000 + i), "email": f"b{i}@fresh.example"}) + "\n" for i in range(self.accounts))
        made = subprocess.run([self.chosen.waxseal, "link", "new", "--stdin", "--config", str(self.site.config)], input=lines, text=True,
                              capture_output=True, check=True, env=self.site.environment()).stdout.splitlines()
        return [dict(parse_qsl(urlsplit(json.loads(line)["url"]).query)) for line in made]

    def run_nodes(self, count, links):
        """Presses over so many nodes at once, each with its part of the links and of the connections."""
        servers = []
        try:
            servers = [self.server_type(self.site) for _ in range(count)]
            files = []
            for number in range(count):
                file = Path(self.site.folder) / f"presses-{count}-{number}"
                file.write_text("".join(f"/api/v1/accounts/verify-email/\t\t{json.dumps(link)}\n" for link in links[number::count]))
                files.append(file)
            before = cpu_seconds(self.cluster.process.pid), sum(cpu_seconds(server._process.pid) for server in servers)
            with concurrent.futures.ThreadPoolExecutor() as pool:
                results = list(pool.map(lambda pair: self.load(pair[0].port, pair[1], self.chosen.connections // count), zip(servers, files)))
            after = cpu_seconds(self.cluster.process.pid), sum(cpu_seconds(server._process.pid) for server in servers)
        finally:
            for server in servers:
                server.__exit__()
        done = sum(result["statuses"].get("200", 0) for result in results)
        refused = sum(sum(result["statuses"].values()) for result in results) - done
        seconds = max(result["seconds"] for result in results)
        return {"nodes": count, "changes_per_s": round(done / seconds), "other_answers": refused,
                "database_cpu_ms_per_change": round(1000 * (after[0] - before[0]) / max(done, 1), 3),
                "node_cpu_ms_per_change": round(1000 * (after[1] - before[1]) / max(done, 1), 3)}

    def load(self, port, file, connections):
        done = subprocess.run([self.chosen.load, "--port", str(port), "--requests", str(file), "--connections", str(connections), "--seconds",
                               str(self.chosen.seconds)], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def pgbench(self):
        """The same statements on rows of their own, one transaction a change."""
        accounts = self.accounts
        self.sql(f"TRUNCATE waxseal_account, waxseal_change, waxseal_link_state, waxseal_email_claim CASCADE;"
                 f"INSERT INTO waxseal_account (id, email) SELECT i::text, 'a' || i || '@old.example' FROM generate_series(1, {accounts}) AS i;"
                 f"INSERT INTO waxseal_email_claim (account_id, email_key) SELECT id, email FROM waxseal_account;"
                 f"INSERT INTO waxseal_link_state SELECT id, 1700000000 FROM waxseal_account;"
                 f"INSERT INTO waxseal_change (account_id, link_version, old_email, new_email, outcome, requested_at) "
                 f"SELECT id, 1700000000, email, 'b' || id || '@new.example', 'pending', 1700000000 FROM waxseal_account;")
        self.sql("VACUUM ANALYZE")
        script = Path(tempfile.mkdtemp()) / "change.sql"
        script.write_text(STATEMENTS)
        before = cpu_seconds(self.cluster.process.pid)
        out = subprocess.run([str(programs() / "pgbench"), "-h", str(self.cluster.sockets), "-p", "5432", "-U", "waxseal", "-n", "-M", "prepared", "-c",
                              "16", "-j", "2", "-T", str(int(self.chosen.seconds)), "-D", f"accounts={accounts}", "-f", str(script), "waxseal"],
                             capture_output=True, text=True, check=True).stdout
        done = int(re.search(r"transactions actually processed: (\d+)", out).group(1))
        return {"changes_per_s": round(float(re.search(r"tps = ([\d.]+)", out).group(1))),
                "database_cpu_ms_per_change": round(1000 * (cpu_seconds(self.cluster.process.pid) - before) / done, 3)}


def main():
    bench = Bench(options())
    try:
        links = bench.make_accounts()
        bench.sql("VACUUM ANALYZE")
        part = bench.chosen.links
        runs = [bench.run_nodes(count, links[(count - 1) * part:count * part]) for count in (1, 2, 3)]
        limit = bench.pgbench()
    finally:
        bench.stop()
    print(json.dumps({"runs": runs, "pgbench": limit,
                      "one_node_of_pgbench": round(runs[0]["changes_per_s"] / limit["changes_per_s"], 2),
                      "three_nodes_of_one": round(runs[2]["changes_per_s"] / runs[0]["changes_per_s"], 2)}, indent=1))


if __name__ == "__main__":
    main()
