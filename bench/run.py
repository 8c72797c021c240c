"""Measures every system in turn, in several rounds, and writes bench/results/latest.json. See script/bench."""

import argparse
import json
import os
import platform
import re
import statistics
import tempfile
import time
from pathlib import Path

import systems
from systems import BENCH_PROGRAMS, ROOT, run

RESULTS = ROOT / "bench/results"
FLOOR_BATCH = 32  # half of 64 connections wait while the other half's commit is made


def options():
    parser = argparse.ArgumentParser(prog="script/bench")
    parser.add_argument("--quick", action="store_true", help="one round of a second each, 64 connections: to see that it works")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--accounts", type=int, default=1000000)
    parser.add_argument("--links", type=int, default=250000, help="so many links are pressed at most, in a round")
    parser.add_argument("--systems", default="waxseal,empty,drr,better-auth,sqlite-floor")
    parser.add_argument("--connections", default="1,16,64,256")
    parser.add_argument("--growth", default="10000,1000000", help="numbers of accounts; add 10000000 for the long run")
    parser.add_argument("--scratch", help="folder for databases and peers, kept; else a temporary one")
    parser.add_argument("--output", default=str(RESULTS / "latest.json"))
    parser.add_argument("--only-read-options", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.rounds, chosen.seconds, chosen.accounts, chosen.links = 1, 1, 50000, 50000
        chosen.connections, chosen.growth = "64", "10000"
    return chosen


def load(port, requests, **arguments):
    words = [word for name, value in arguments.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    repeat = "--repeat" in words
    words = [word for word in words if word not in ("--repeat", "True")]
    return json.loads(run(BENCH_PROGRAMS / "waxseal_load", "--port", port, "--requests", requests, *words, *(["--repeat"] if repeat else [])))


class Run:
    """All rounds. A figure is kept with its system, its work and its connections; what is told is the median."""

    def __init__(self, chosen, scratch):
        self.chosen = chosen
        self.connections = [int(number) for number in chosen.connections.split(",")]
        classes = {kind.name: kind for kind in (systems.Waxseal, systems.EmptyHandler, systems.Drr, systems.BetterAuth, systems.SqliteFloor)}
        names = chosen.systems.split(",")
        self.waxseal = systems.Waxseal(scratch, chosen.accounts, chosen.links)
        self.systems = []
        for name in names:
            slow = name in ("drr", "better-auth")
            self.systems.append(self.waxseal if name == "waxseal" else classes[name](scratch, *((20000, 20000) if slow else (chosen.accounts, chosen.links)))
                                if name != "sqlite-floor" else self.floor_beside(self.waxseal, scratch))
        self.scratch = scratch
        self.samples = {}
        self.footprints = {}

    @staticmethod
    def floor_beside(waxseal, scratch):
        floor = systems.SqliteFloor.__new__(systems.SqliteFloor)
        floor.data, floor.copy = waxseal.data, scratch / "sqlite-floor-running"
        return floor

    def note(self, system, work, connections, sample):
        self.samples.setdefault((system, work, connections), []).append(sample)
        if "latency_us" in sample:
            print(f"  {system:12} {work:10} {connections:4}  {sample['rate']:9.0f}/s  p99 {sample['latency_us']['p99'] / 1000:8.2f} ms  {sample['statuses']}", flush=True)
        else:
            print(f"  {system:12} {work:10} {connections:4}  {sample['rate']:9.0f}/s", flush=True)

    def measure(self, server, system, work, requests, connections, **arguments):
        before = server.cpu_seconds()
        sample = load(server.port, requests, connections=connections, seconds=self.chosen.seconds, **arguments)
        done = max(sample["sent"], 1)
        sample["cpu_us_per_request"] = 1e6 * (server.cpu_seconds() - before) / done
        self.note(system, work, connections, sample)
        return sample

    def round(self, system):
        if isinstance(system, systems.SqliteFloor):
            presses = min(self.chosen.links, int(20000 * self.chosen.seconds))
            self.note(system.name, "verify", FLOOR_BATCH, system.press_all(presses, FLOOR_BATCH))
            return
        server = system.start()
        try:
            footprint = {"ready_ms": server.ready_ms, "idle_mb": server.resident_mb()}
            self.work(server, system)
            footprint["loaded_mb"] = server.resident_mb()
            self.footprints.setdefault(system.name, []).append(footprint)
        finally:
            server.stop()

    def work(self, server, system):
        name = system.name
        requests = self.waxseal.requests if name == "empty" else system.requests
        if name == "empty":
            load(server.port, requests("verify"), connections=16, seconds=0.5)
            for connections in self.connections:
                self.measure(server, name, "verify", requests("verify"), connections, repeat=True)
            return
        load(server.port, requests("altered"), connections=16, seconds=0.5, repeat=True)  # warm-up: changes nothing
        pressed = 0
        for connections in self.connections:
            sample = self.measure(server, name, "verify", requests("verify"), connections, skip=pressed)
            pressed += sample["sent"]
        most = 64 if 64 in self.connections else self.connections[-1]
        if name == "waxseal":
            half = statistics.median(s["rate"] for s in self.samples[name, "verify", most]) / 2
            pressed += self.measure(server, name, "half-rate", requests("verify"), most, skip=pressed, rate=half)["sent"]
        self.measure(server, name, "altered", requests("altered"), most, repeat=True)
        if "expired" in system.work:
            self.measure(server, name, "expired", requests("expired"), most, repeat=True)
            replayed = self.replayed(requests("verify"), pressed)
            self.measure(server, name, "replay", replayed, most, repeat=True)
        if "register" in system.work:
            self.measure(server, name, "register", requests("register"), most)

    def replayed(self, path, pressed):
        """Links that were pressed before."""
        some = self.scratch / "replayed.txt"
        with open(path) as links, open(some, "w") as out:
            out.writelines(line for _, line in zip(range(max(min(pressed, 5000), 1)), links))
        return some

    def growth(self):
        for accounts in [int(number) for number in self.chosen.growth.split(",") if number]:
            links = min(accounts, int(30000 * self.chosen.seconds))
            grown = systems.Waxseal(self.scratch, accounts, links) if accounts != self.chosen.accounts else self.waxseal
            floor = self.floor_beside(grown, self.scratch)
            for _ in range(self.chosen.rounds):
                self.note("sqlite-floor", f"grown-{accounts}", FLOOR_BATCH, floor.press_all(min(links, int(20000 * self.chosen.seconds)), FLOOR_BATCH))
                server = grown.start()
                try:
                    load(server.port, grown.requests("altered"), connections=16, seconds=0.5, repeat=True)
                    self.measure(server, "waxseal", f"grown-{accounts}", grown.requests("verify"), 64)
                finally:
                    server.stop()

    def all(self):
        for number in range(self.chosen.rounds):
            print(f"round {number + 1} of {self.chosen.rounds}", flush=True)
            for system in self.systems:
                self.round(system)
        self.growth()

    def result(self):
        return {"made_at": time.strftime("%Y-%m-%d", time.gmtime()), "machine": machine(), "versions": systems.versions(self.systems),
                "options": {key: value for key, value in vars(self.chosen).items() if key not in ("scratch", "output", "only_read_options")},
                "floor_batch": FLOOR_BATCH,
                "figures": [summary(*key, samples) for key, samples in self.samples.items()],
                "footprints": {name: {key: spread([one[key] for one in all_]) for key in all_[0]} for name, all_ in self.footprints.items()}}


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def summary(system, work, connections, samples):
    one = {"system": system, "work": work, "connections": connections, "rate": spread([sample["rate"] for sample in samples])}
    if "latency_us" in samples[0]:
        one["latency_us"] = {key: spread([sample["latency_us"][key] for sample in samples]) for key in samples[0]["latency_us"]}
        one["cpu_us_per_request"] = spread([sample["cpu_us_per_request"] for sample in samples])
        one["statuses"] = {}
        for sample in samples:
            for status, count in sample["statuses"].items():
                one["statuses"][status] = one["statuses"].get(status, 0) + count
        one["failed"] = sum(sample["failed"] for sample in samples)
    return one


def machine():
    """What a reader needs to compare; nothing that names the machine."""
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    disk = run("findmnt", "--noheadings", "--output", "FSTYPE", "--target", tempfile.gettempdir()).strip()
    return {"cpu": cpu.group(1) if cpu else platform.machine(), "cores": os.cpu_count(), "memory_gb": round(int(memory.group(1)) / 2**20),
            "kernel": platform.release().split("-")[0], "file_system": disk}


def main():
    chosen = options()
    if chosen.only_read_options:
        return
    with tempfile.TemporaryDirectory(prefix="waxseal-bench-") as temporary:
        scratch = Path(chosen.scratch or temporary).resolve()
        scratch.mkdir(parents=True, exist_ok=True)
        whole = Run(chosen, scratch)
        whole.all()
        output = Path(chosen.output)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(whole.result(), indent=1) + "\n")
        print(f"written: {output}")


if __name__ == "__main__":
    main()
