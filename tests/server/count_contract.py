"""Counts the cases of the contract suite for each store, prints them, and fails unless all three have the same."""

import subprocess
import sys

listed = subprocess.run([sys.argv[1], "--list-test-names-only", "[store]"], capture_output=True, text=True, check=False).stdout.splitlines()
counts = {store: sum(line.strip().endswith(f" - {store}Storage") for line in listed) for store in ("Memory", "Sqlite", "Postgres")}
print("store contract:", ", ".join(f"{store} {count}" for store, count in counts.items()))
sys.exit(0 if len(set(counts.values())) == 1 and counts["Memory"] > 0 else 1)
