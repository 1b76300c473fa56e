"""Figures of workloads: medians over rounds, a table, a picture, the history."""
import datetime
import json
import platform
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"

# Of the figures that matter most: what was promised of them on a machine of two cores. `least` and
# `most` are bounds of the median.
TARGETS = {
    ("seq10", "steps_per_second"): ("least", 50_000),
    ("seq10", "share_of_bare_loop"): ("least", 0.4),
    ("seq10", "cpu_us_per_step"): ("most", 15),
    ("fan100", "steps_per_second"): ("least", 40_000),
    ("one", "p50_ms"): ("most", 1),
    ("one", "p99_ms"): ("most", 3),
    ("sleepers", "starts_per_second"): ("least", 20_000),
    ("sleepers", "memory_bytes_per_run"): ("most", 400),
    ("sleepers", "disk_bytes_per_run"): ("most", 1024),
    ("map100k", "items_per_second"): ("least", 20_000),
    ("recover", "ready_s"): ("most", 0.2),
    ("recover", "completed_done_again"): ("most", 0),
    ("http", "health_64_per_second"): ("least", 60_000),
    ("http", "execution_64_per_second"): ("least", 60_000),
    ("ws", "last_of_1_ms"): ("most", 5),
    ("visible", "rest_start_api_p99_ms"): ("most", 5),
    ("visible", "rest_start_stream_p99_ms"): ("most", 5),
    ("visible", "rest_end_api_p99_ms"): ("most", 5),
    ("visible", "rest_end_stream_p99_ms"): ("most", 5),
    ("visible", "rest_stale"): ("most", 0),
    ("visible", "loaded_start_api_p99_ms"): ("most", 5),
    ("visible", "loaded_start_stream_p99_ms"): ("most", 5),
    ("visible", "loaded_end_api_p99_ms"): ("most", 5),
    ("visible", "loaded_end_stream_p99_ms"): ("most", 5),
    ("visible", "loaded_stale"): ("most", 0),
    ("overload", "refused_below_capacity"): ("most", 0),
    ("overload", "throughput_kept"): ("least", 0.9),
    ("overload", "at_2_accepted_p99_ms"): ("most", 1000),
    ("overload", "at_2_ended_p99_ms"): ("most", 2000),
    ("overload", "at_2_memory_most_mib"): ("most", 256),
    ("silent", "memory_most_mib"): ("most", 512),
    ("silent", "signal_p99_ms"): ("most", 50),
}


def revision():
    done = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
                          capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def machine():
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
    cores = len([line for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
                 if line.startswith("processor")])
    return {"cpu": model, "cores": cores, "system": platform.release()}


def summarise(rounds):
    """{figure: {median, least, most}} of rounds, each {figure: value}."""
    names = rounds[0].keys()
    return {name: {"median": statistics.median(row[name] for row in rounds),
                   "least": min(row[name] for row in rounds),
                   "most": max(row[name] for row in rounds)} for name in names}


def show(value):
    if value != value or isinstance(value, bool):
        return str(value)
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def verdict(workload, figure, median):
    bound = TARGETS.get((workload, figure))
    if bound is None:
        return ""
    kind, value = bound
    holds = median >= value if kind == "least" else median <= value
    return f"{'holds' if holds else 'MISSED'}: at {kind} {show(value)}"


def print_table(workload, summary, rounds):
    print(f"\n{workload} ({rounds} round{'s' if rounds > 1 else ''})")
    for figure, values in summary.items():
        spread = f"{show(values['least'])} .. {show(values['most'])}"
        print(f"  {figure:<36}{show(values['median']):>12}  {spread:<24}"
              f"{verdict(workload, figure, values['median'])}", flush=True)


def keep(path, results):
    """Puts the results beside those that are known already; all of them."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known.update(results)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=1), encoding="utf-8")
    return known


def record(results, rounds):
    """A line of the history: what was measured, when, of which revision, on what."""
    RESULTS.mkdir(exist_ok=True)
    line = {"at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "revision": revision(), "machine": machine(), "rounds": rounds,
            "load_before": Path("/proc/loadavg").read_text(encoding="utf-8").split()[0],
            "results": results}
    with open(RESULTS / "history.jsonl", "a", encoding="utf-8") as history:
        history.write(json.dumps(line) + "\n")
