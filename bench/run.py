#!/usr/bin/env python3
"""Measures Harmonia over its public interface, beside the limits of the same disk.

    bench/run.py                         every workload, five rounds (long)
    bench/run.py seq10 one --rounds 3    these
    bench/run.py --list                  what there is

In every figure an acknowledgement means that it is on disk (fsync done). The medians go to
build/bench/results.json, which keeps those of workloads that were not measured this time, and, with
--record, as a line to bench/results/history.jsonl.
"""
import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cost  # noqa: E402
import fleet  # noqa: E402
import growth  # noqa: E402
import map_scale  # noqa: E402
import micro  # noqa: E402
import overload  # noqa: E402
import page  # noqa: E402
import pictures  # noqa: E402
import reads  # noqa: E402
import report  # noqa: E402
import steps  # noqa: E402
import visible  # noqa: E402


def map100k():
    """A map over 100,000 items in one run."""
    how = argparse.Namespace(items=100_000, pause=False, crash=False)
    row = map_scale.measure(how)
    return {name: row[name] for name in ("items_per_second", "growth_bytes_an_item",
                                         "memory_most_mib")}


WORKLOADS = {function.__name__: function for function in (
    steps.seq10, steps.seq3, steps.one, steps.fan100, cost.cost, map100k, fleet.sleepers,
    fleet.sleepers1m, fleet.recover, fleet.restart, reads.http, reads.ws, visible.visible,
    fleet.lists, micro.graph, micro.expr, micro.parse, overload.overload, overload.silent,
    growth.growth)}


def choose(names):
    unknown = [name for name in names if name not in WORKLOADS]
    if unknown:
        raise SystemExit(f"there is no workload {unknown[0]}; there are: {', '.join(WORKLOADS)}")
    return names or list(WORKLOADS)


def measure(names, rounds):
    results = {}
    for name in choose(names):
        rows = []
        for i in range(rounds):
            print(f"\r{name}: round {i + 1} of {rounds} ", end="", file=sys.stderr, flush=True)
            rows.append(WORKLOADS[name]())
        print("\r", end="", file=sys.stderr)
        results[name] = report.summarise(rows)
        report.print_table(name, results[name], rounds)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--list", action="store_true", help="name the workloads and stop")
    parser.add_argument("--json", type=Path, default=report.ROOT / "build/bench/results.json")
    parser.add_argument("--plots", type=Path, metavar="FOLDER",
                        help="pictures of steps, `overload` and `growth` (needs matplotlib)")
    parser.add_argument("--page", type=Path, help="write the tables of this page anew, such as "
                        "docs/performance.md")
    parser.add_argument("--record", action="store_true", help="append to the history")
    arguments = parser.parse_args()
    if arguments.list:
        for name, function in WORKLOADS.items():
            print(f"{name:<12}{function.__doc__.strip()}")
        return
    results = measure(arguments.workloads, arguments.rounds)
    known = report.keep(arguments.json, results)
    if arguments.record:
        report.record(results, arguments.rounds)
    if arguments.page:
        page.fill(arguments.page, known)
    for path in pictures.draw(known, arguments.plots) if arguments.plots else []:
        print(f"\nthe picture: {path}")


if __name__ == "__main__":
    main()
