#!/usr/bin/env python3
"""Ratios of this build's figures to those of another revision, measured in turns.

    bench/compare.py BASE [WORKLOAD...] [--rounds 5]

Builds BASE beside (build-base/), then measures both by turns, so that what else the machine does
falls on both. A difference counts when it is above 10 % and the medians lie outside of each
other's spread; a loss that counts gives exit code 1.
"""
import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import report  # noqa: E402
import run as workloads  # noqa: E402
import server as servers  # noqa: E402

BASE_TREE = report.ROOT / "build-base" / "tree"
DEFAULT = ["seq10", "one", "fan100", "map100k", "http"]
THRESHOLD = 0.10


def build_base(revision):
    known = subprocess.run(["git", "-C", str(report.ROOT), "rev-parse", "--verify", "--quiet",
                            f"{revision}^{{commit}}"], stdout=subprocess.DEVNULL, check=False)
    if known.returncode != 0:
        raise SystemExit(f"there is no revision {revision}; `git log` lists those there are")
    if BASE_TREE.exists():
        subprocess.run(["git", "-C", str(report.ROOT), "worktree", "remove", "--force",
                        str(BASE_TREE)], check=True)
    BASE_TREE.parent.mkdir(exist_ok=True)
    subprocess.run(["git", "-C", str(report.ROOT), "worktree", "add", "--detach", "--force",
                    str(BASE_TREE), revision], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([str(BASE_TREE / "tools" / "build.sh"), "release", "harmonia"],
                   cwd=BASE_TREE, check=True)
    return str(BASE_TREE / "build" / "harmonia")


def is_better_when_more(figure):
    return "per_second" in figure or figure.startswith("share")


def compare(base, ours, figure):
    """The ratio, and what it means: better, worse, or noise."""
    if base["median"] == 0:
        return None, "-"
    ratio = ours["median"] / base["median"]
    apart = ours["least"] > base["most"] or ours["most"] < base["least"]
    if abs(ratio - 1) <= THRESHOLD or not apart:
        return ratio, "same"
    return ratio, "better" if (ratio > 1) == is_better_when_more(figure) else "WORSE"


def measure_in_turns(name, rounds, binaries):
    rows = {which: [] for which in binaries}
    for i in range(rounds):
        for which, binary in binaries.items():
            print(f"\r{name}: round {i + 1} of {rounds}, {which}   ", end="", file=sys.stderr)
            servers.HARMONIA = binary
            rows[which].append(workloads.WORKLOADS[name]())
    print("\r", end="", file=sys.stderr)
    return {which: report.summarise(of) for which, of in rows.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="a revision, e.g. main or HEAD~3")
    parser.add_argument("workloads", nargs="*", default=DEFAULT, metavar="WORKLOAD")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    names = workloads.choose(arguments.workloads or DEFAULT)
    binaries = {"base": build_base(arguments.base), "ours": os.environ.get(
        "HARMONIA", str(report.ROOT / "build" / "harmonia"))}
    worse = 0
    for name in names:
        both = measure_in_turns(name, arguments.rounds, binaries)
        print(f"\n{name}: {arguments.base} -> this")
        for figure, base in both["base"].items():
            ours = both["ours"][figure]
            ratio, meaning = compare(base, ours, figure)
            worse += meaning == "WORSE"
            shown = "-" if ratio is None else f"{ratio:.2f}"
            print(f"  {figure:<36}{report.show(base['median']):>12}"
                  f"{report.show(ours['median']):>12}{shown:>8}  {meaning}", flush=True)
    if worse:
        raise SystemExit(f"{worse} figure(s) are worse by more than {THRESHOLD:.0%} and noise")


if __name__ == "__main__":
    main()
