#!/usr/bin/env python3
"""Plants the faults of tests/mutants/mutants.txt one by one and runs the simulation against each.

    tools/mutants.py                      all of them (long)
    tools/mutants.py --only a-retry       those whose name holds this
    tools/mutants.py --check              only whether each can still be planted

Each is planted alone in a copy of the tree (build-mutants/tree), so the working tree stays as it
is. A fault counts as found when a seed breaks a law, or the program dies; a simulation that finds
not all of them within --seeds is too weak, and the exit code is 1.
"""
import argparse
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "mutants" / "mutants.txt"
TREE = ROOT / "build-mutants" / "tree"
PROGRAM = TREE / "build" / "tests" / "simulation"


@dataclass
class Mutant:
    name: str = ""
    law: str = ""
    file: str = ""
    old: list = field(default_factory=list)
    new: list = field(default_factory=list)
    line: int = 0


def read_mutants(text):
    mutants, current = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("name: "):
            current = Mutant(name=line[6:].strip(), line=number)
            mutants.append(current)
        elif line.startswith(("law: ", "file: ")):
            key, value = line.split(": ", 1)
            setattr(current, key, value.strip())
        elif line.startswith("- "):
            current.old.append(line[2:])
        elif line.startswith("+ "):
            current.new.append(line[2:])
        elif line.strip() and not line.startswith("#"):
            raise SystemExit(f"{LIST.name}:{number}: neither name, law, file, `- `, `+ ` nor a "
                             "comment")
    return mutants


def planted(mutant, root):
    """The text of its file with the fault in it; an error when it can't be planted."""
    path = root / mutant.file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    old = "\n".join(mutant.old)
    if not mutant.law or not mutant.old or text.count(old) != 1:
        raise SystemExit(f"{LIST.name}:{mutant.line}: {mutant.name}: the lines to replace stand in "
                         f"{mutant.file or 'no file'} {text.count(old) if old else 0} times; they "
                         "must stand there once")
    return text.replace(old, "\n".join(mutant.new))


def copy_tree():
    """What is in git or new. What is different is new there, so that it is built."""
    done = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others",
                           "--exclude-standard"], capture_output=True, text=True, check=True)
    for name in filter(None, done.stdout.split("\0")):
        source, target = ROOT / name, TREE / name
        if not source.exists():
            continue
        if target.exists() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def build():
    done = subprocess.run(["tools/build.sh", "release", "simulation"], cwd=TREE,
                          capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def first_error(output):
    return next((line for line in output.splitlines() if " error: " in line), output[-300:])


@dataclass
class Verdict:
    found: bool
    how: str
    seconds: float


def simulate(seeds, time_max):
    began = time.monotonic()
    try:
        done = subprocess.run([str(PROGRAM), "--seeds", f"1..{seeds}", "--shrink-seconds", "0"],
                              capture_output=True, text=True, timeout=time_max, check=False)
    except subprocess.TimeoutExpired:
        return Verdict(False, f"nothing within {time_max} s", time.monotonic() - began)
    took = time.monotonic() - began
    if done.returncode == 0:
        return Verdict(False, f"nothing within {seeds} seeds", took)
    broken = re.search(r"seed (\d+) breaks the law `(.+?)`", done.stdout)
    if broken:
        return Verdict(True, f"seed {broken.group(1)}: {broken.group(2)}", took)
    died = re.search(r"--seed (\d+)", done.stdout)
    return Verdict(True, f"seed {died.group(1) if died else '?'}: the program died", took)


def try_mutant(mutant, seeds, time_max):
    path = TREE / mutant.file
    sound = path.read_text(encoding="utf-8")
    path.write_text(planted(mutant, TREE), encoding="utf-8")
    try:
        built, output = build()
        if not built:
            return Verdict(False, "does not compile: " + first_error(output), 0.0)
        return simulate(seeds, time_max)
    finally:
        path.write_text(sound, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument("--time-max", type=int, default=180, metavar="SECONDS",
                        help="for the simulation of one mutant")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    mutants = [one for one in read_mutants(LIST.read_text(encoding="utf-8"))
               if arguments.only in one.name]
    if not mutants:
        raise SystemExit(f"no mutant has {arguments.only!r} in its name")
    for mutant in mutants:
        planted(mutant, ROOT)
    if arguments.check:
        print(f"{len(mutants)} mutants can be planted")
        return
    copy_tree()
    built, output = build()
    if not built:
        raise SystemExit(f"the tree does not build:\n{output[-3000:]}")
    sound = simulate(arguments.seeds // 4, arguments.time_max)
    if sound.found:
        raise SystemExit(f"without any mutant: {sound.how}")
    survivors = 0
    for mutant in mutants:
        verdict = try_mutant(mutant, arguments.seeds, arguments.time_max)
        survivors += not verdict.found
        print(f"{'found' if verdict.found else 'SURVIVED':<9}{mutant.name:<44}"
              f"{verdict.seconds:>6.1f} s  {verdict.how}", flush=True)
    print(f"{len(mutants) - survivors} of {len(mutants)} mutants found")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
