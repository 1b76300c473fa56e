#!/usr/bin/env python3
"""Runs the fuzzers of a build folder, each for some time.

A run begins with the seeds, which are kept in the repository, and with what earlier runs in the
same folder found worth keeping. An input that breaks a law ends it; then it is said where that
input lies and how to repeat it.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Read as they are, beside tests/data/fuzz/NAME.
FURTHER_SEEDS = {
    "definition": [
        "examples",
        "tests/data/definitions",
        "tests/data/dialects",
        "tests/data/templates",
    ],
    "script": ["tests/scenarios"],
}
INPUT_SIZE_MAX = 16_384
# One input; generous, because a busy machine must not look like an endless loop.
INPUT_SECONDS_MAX = 30
LOG_LINES_SHOWN = 60
PROGRESS = re.compile(r"#\d+\t")
# Any that is there gives names to stacks; by itself the sanitizer takes none of another version.
SYMBOLIZERS = sorted(Path("/usr/bin").glob("llvm-symbolizer-*"))


def names_built(folder: Path) -> list[str]:
    return sorted(file.name.removesuffix("_fuzz") for file in (folder / "fuzz").glob("*_fuzz"))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def run(folder: Path, name: str, seconds: int) -> bool:
    program = folder / "fuzz" / f"{name}_fuzz"
    if not program.exists():
        print(f"fuzz: {shown(program)} is not built: tools/build.sh clang fuzzers")
        return False
    found = folder / "fuzz" / f"{name}.found"
    failing = folder / "fuzz" / f"{name}.failing"
    for path in (found, failing):
        path.mkdir(exist_ok=True)
    seeds = [ROOT / path for path in (f"tests/data/fuzz/{name}", *FURTHER_SEEDS.get(name, []))]
    log = folder / "fuzz" / f"{name}.log"
    symbolizer = {"ASAN_SYMBOLIZER_PATH": str(SYMBOLIZERS[-1])} if SYMBOLIZERS else {}
    with log.open("wb") as output:
        result = subprocess.run(
            [
                program,
                f"-max_total_time={seconds}",
                f"-timeout={INPUT_SECONDS_MAX}",
                f"-max_len={INPUT_SIZE_MAX}",
                f"-artifact_prefix={failing}/",
                "-print_final_stats=1",
                found,
                *seeds,
            ],
            cwd=ROOT,
            env={**os.environ, **symbolizer},
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    text = log.read_text(errors="replace")
    if result.returncode == 0:
        figures = figures_of(text)
        print(f"fuzz: {name}: {figures or 'it ended well, but its log has no figures'}", flush=True)
        return bool(figures)
    explain(text, program, log, result.returncode)
    return False


def figures_of(text: str) -> str:
    runs = re.search(r"number_of_executed_units: (\d+)", text)
    done = re.search(r"Done (\d+) runs in (\d+) second", text)
    coverage = re.findall(r"cov: (\d+) ft: (\d+)", text)
    if not (runs and done and coverage):
        return ""
    inputs = int(runs.group(1))
    return f"{inputs:,} inputs in {done.group(2)} s, {coverage[-1][0]} edges, nothing found"


def explain(text: str, program: Path, log: Path, code: int) -> None:
    lines = [line for line in text.rstrip("\n").split("\n") if not PROGRESS.match(line)]
    print("\n".join(lines[-LOG_LINES_SHOWN:]))
    print(f"fuzz: {program.name} ended with exit code {code}; all it said is in {shown(log)}")
    written = re.search(r"Test unit written to (\S+)", text)
    if written is None:
        print("fuzz: it wrote no input; the fault lies in the program or in how it was started")
        return
    file = Path(written.group(1))
    name = program.name.removesuffix("_fuzz")
    print(f"fuzz: the input:     {shown(file)}")
    print(f"fuzz: again:         {shown(program)} {shown(file)}")
    print(f"fuzz: made smaller:  {shown(program)} -minimize_crash=1 -runs=100000 {shown(file)}")
    print(f"fuzz: after the fix: a test, and the input in tests/data/fuzz/{name}/", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all when none is given")
    parser.add_argument("--seconds", type=int, default=60, metavar="N", help="for each (60)")
    parser.add_argument("--folder", type=Path, default=ROOT / "build-clang", help="(build-clang)")
    arguments = parser.parse_args()
    names = arguments.names or names_built(arguments.folder)
    if not names:
        print(f"fuzz: {shown(arguments.folder)} has no fuzzers: tools/build.sh clang fuzzers")
    results = [run(arguments.folder.resolve(), name, arguments.seconds) for name in names]
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
