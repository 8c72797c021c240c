"""Makes docs/benchmarks.md and the plots from the figures of a run: report.py FILE [--check]

With --check it writes nothing and exits 1 if the page is not that of the figures.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/benchmarks.md"
NAMES = {"waxseal": "Waxseal", "empty": "empty handler", "drr": "Django REST Registration", "better-auth": "better-auth",
         "sqlite-floor": "SQLite alone"}
COLOURS = {"waxseal": "#1a7f64", "empty": "#9aa0a6", "drr": "#b3541e", "better-auth": "#5a4fcf", "sqlite-floor": "#4a6fa5"}
WORK = {"verify": "valid link, each once", "altered": "bad signature", "expired": "expired link", "replay": "link pressed again",
        "register": "request for a new address"}


class Figures:
    def __init__(self, result):
        self.result = result
        self.by_key = {(one["system"], one["work"], one["connections"]): one for one in result["figures"]}

    def rate(self, system, work, connections=64):
        one = self.by_key.get((system, work, connections))
        return one["rate"]["median"] if one else None

    def ratio(self, work, other, other_work=None, connections=64, other_connections=None):
        ours = self.rate("waxseal", work, connections)
        theirs = self.rate(other, other_work or work, other_connections or connections)
        return ours / theirs if ours and theirs else None


def number(value):
    return "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def rates(figures):
    systems = [name for name in ("waxseal", "drr", "better-auth", "empty") if any(key[0] == name for key in figures.by_key)]
    rows = []
    for work, meaning in WORK.items():
        connections = sorted({key[2] for key in figures.by_key if key[:2] == ("waxseal", work)})
        for count in connections:
            cells = []
            for system in systems:
                one = figures.by_key.get((system, work, count))
                cells.append("–" if one is None else f"{number(one['rate']['median'])} ({number(one['rate']['least'])} to {number(one['rate']['most'])})")
            rows.append([meaning, str(count), *cells])
    return table(["work", "connections", *(NAMES[name] for name in systems)], rows)


def latencies(figures):
    rows = []
    for key, one in figures.by_key.items():
        if "latency_us" not in one or (key[0] == "waxseal" and key[1].startswith("grown")):
            continue
        work = "valid link, at half of the highest rate" if key[1] == "half-rate" else WORK.get(key[1], key[1])
        cells = [f"{one['latency_us'][name]['median'] / 1000:.2f}" for name in ("p50", "p90", "p99", "p999")]
        rows.append([NAMES[key[0]], work, str(key[2]), *cells, f"{one['cpu_us_per_request']['median']:.0f}"])
    return table(["system", "work", "connections", "p50 ms", "p90", "p99", "p99.9", "CPU µs a request"], rows)


def growth(figures):
    rows = []
    for key in figures.by_key:
        if key[0] == "waxseal" and key[1].startswith("grown-"):
            floor = figures.rate("sqlite-floor", key[1], figures.result["floor_batch"])
            ours = figures.rate(*key)
            rows.append([f"{int(key[1][6:]):,}", number(ours), number(floor), f"{100 * ours / floor:.0f} %" if floor else "–"])
    return table(["accounts", "Waxseal, 64 connections", "SQLite alone", "part"], rows)


def footprints(figures):
    rows = [[NAMES[name], f"{one['ready_ms']['median']:.0f}", f"{one['idle_mb']['median']:.1f}", f"{one['loaded_mb']['median']:.1f}"]
            for name, one in figures.result["footprints"].items()]
    return table(["system", "start to first answer, ms", "resident MB, idle", "resident MB, after the load"], rows)


def goals(figures):
    """What was aimed at, and whether it was reached."""
    p99 = figures.by_key.get(("waxseal", "half-rate", 64))
    footprint = figures.result["footprints"].get("waxseal")
    empty = ("verify", 64)
    rows = []

    def goal(what, value, least, unit):
        if value is not None:
            rows.append([what, f"at least {least:g} {unit}", f"{value:.1f} {unit}" if unit == "×" else f"{value:.0f} {unit}", "yes" if value >= least else "**no**"])

    def ceiling(what, value, most, unit):
        if value is not None:
            rows.append([what, f"under {most:g} {unit}", f"{value:.1f} {unit}", "yes" if value < most else "**no**"])

    def percent(value):
        return None if value is None else 100 * value

    goal("valid link, beside Django REST Registration", figures.ratio("verify", "drr"), 15, "×")
    goal("valid link, beside better-auth", figures.ratio("verify", "better-auth"), 30, "×")
    goal("valid link, part of the empty handler", percent(figures.ratio("verify", "empty")), 40, "%")
    goal("request, beside Django REST Registration, which throws its mails away", figures.ratio("register", "drr"), 6, "×")
    goal("bad signature, part of the empty handler", percent(figures.ratio("altered", "empty", *empty[:1])), 70, "%")
    goal("expired link, part of the empty handler", percent(figures.ratio("expired", "empty", *empty[:1])), 70, "%")
    for key in figures.by_key:
        if key[0] == "waxseal" and key[1].startswith("grown-"):
            part = figures.ratio(key[1], "sqlite-floor", connections=64, other_connections=figures.result["floor_batch"])
            goal(f"part of SQLite alone at {int(key[1][6:]):,} accounts", percent(part), 60, "%")
    ceiling("p99 at half of the highest rate", p99 and p99["latency_us"]["p99"]["median"] / 1000, 5, "ms")
    if footprint:
        ceiling("start to first answer", footprint["ready_ms"]["median"], 100, "ms")
        ceiling("resident memory, idle", footprint["idle_mb"]["median"], 24, "MB")
        ceiling("resident memory after 256 connections", footprint["loaded_mb"]["median"], 64, "MB")
    return table(["what", "aim", "measured", "reached"], rows)


def wasm():
    """The figures of bench/wasm/run, which has its own record."""
    file = ROOT / "bench/results/wasm.json"
    if not file.exists():
        return "The page's side was not measured."
    found = json.loads(file.read_text())
    sizes = table(["package", "bytes", "gzip", "brotli"],
                  [[f"{one['name']} {one['version']}", *(f"{one[key]:,}" for key in ("bytes", "gzip", "brotli"))] for one in found["sizes"]])
    speed = table(["where", "what", "µs"], [[where, what, f"{value:,.0f}"] for where, all_ in found["speed"].items()
                                            for what, value in all_.items() if not isinstance(value, str)])
    return (f"Made by `bench/wasm/run` ({found['machine']['processor']}, Node {found['machine']['node']}): what a page loads, and how long a check "
            f"takes.\n\n{sizes}\n\n{speed}")


def plot(figures, work):
    """Bars of one work at 64 connections, as SVG."""
    bars = [(name, figures.rate(name, work if name != "empty" else "verify")) for name in ("better-auth", "drr", "waxseal", "empty")]
    bars = [(name, rate) for name, rate in bars if rate]
    most = max(rate for _, rate in bars)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{40 * len(bars) + 50}" font-family="sans-serif" font-size="14">',
             f'<title>{WORK[work]}: requests a second at 64 connections</title>', '<rect width="100%" height="100%" fill="#ffffff"/>',
             f'<text x="10" y="24" font-weight="bold">{WORK[work]}: requests a second, 64 connections</text>']
    for place, (name, rate) in enumerate(bars):
        top = 40 + 40 * place
        width = max(1, round(400 * rate / most))
        lines += [f'<text x="10" y="{top + 20}">{NAMES[name]}</text>', f'<rect x="200" y="{top + 4}" width="{width}" height="24" fill="{COLOURS[name]}"/>',
                  f'<text x="{206 + width}" y="{top + 21}">{number(rate)}</text>']
    return "\n".join([*lines, "</svg>"]) + "\n"


def page(figures):
    result, machine = figures.result, figures.result["machine"]
    chosen = result["options"]
    return f"""# Benchmarks

Made by `script/bench` from [bench/results/latest.json](../bench/results/latest.json); run it to have the figures of your own machine.

Measured on {result["made_at"]}: {machine["cpu"]}, {machine["cores"]} cores, {machine["memory_gb"]} GB, Linux {machine["kernel"]}, {machine["file_system"]}.
Load generator and server share the cores, over loopback. Each system runs alone, in turn, {chosen["rounds"]} rounds of {chosen["seconds"]:g} s each; figures
are medians, with the least and the most in brackets. {"; ".join(text.splitlines()[0] for text in result["versions"].values())}.

Everything of Waxseal is on: notices, undo links, webhook, limits, a log line a request; SQLite with synchronous=FULL, {chosen["accounts"]:,} accounts,
every link pressed once. Django REST Registration runs on gunicorn with two workers and SQLite in WAL mode, its mails thrown away; better-auth on
one Node process, SQLite in WAL mode, its rate limiter off. The empty handler is cpp-httplib reading the same body and answering at once.

## Aims

{goals(figures)}

## Requests a second

![valid links](images/bench-verify.svg)

![requests](images/bench-register.svg)

{rates(figures)}

## Latency and CPU

In a closed loop each connection sends its next request when it has its answer. At half of the highest rate requests are due at fixed times, and a
latency counts from then, so that waiting for a free connection counts as well. CPU is that of the server with all its processes.

{latencies(figures)}

## Growth

The same statements, so many a commit ({result["floor_batch"]}), by a program without HTTP, signatures or threads: what SQLite alone can do at that size.

{growth(figures)}

## Start and memory

{footprints(figures)}

## The page

{wasm()}

## Where Waxseal loses

- One request at a time, it waits for the disk: durability costs a sync that no other request shares.
- An empty handler is always faster; what is between it and Waxseal is JSON, an Ed25519 signature, and SQLite.
- Writes go through one SQLite file: more cores make reading and refusing faster, and writing hardly.
- better-auth is measured confirming an address, which is less than changing one.
"""


def main(arguments):
    check = "--check" in arguments
    file = Path(next(argument for argument in arguments if not argument.startswith("--")))
    figures = Figures(json.loads(file.read_text()))
    made = {PAGE: page(figures), **{ROOT / f"docs/images/bench-{work}.svg": plot(figures, work) for work in ("verify", "register")}}
    if file.resolve().parent != ROOT / "bench/results":
        made = {file.parent / path.name: text for path, text in made.items()}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    if not check:
        for path, text in made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"written: {path}")
        return 0
    for path in stale:
        print(f"{path} is not that of {file}: run bench/report.py {file}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
