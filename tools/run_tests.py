#!/usr/bin/env python3
"""Runs the tests of build folders, two at a time, and ends with one line: `N passed, M failed`.

A folder may carry a pattern, `build-tsan:^net`, that selects tests of it by name. Every GoogleTest
case counts as one test, every other test program as one. Programs and settings come from ctest.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

TIMEOUT_SECONDS = 600.0
PARALLEL = 2
OUTPUT_LINES_MAX = 200

RUNNING: set[subprocess.Popen] = set()

CASE_START = re.compile(r"\[ RUN      \] (\S+)")
CASE_END = re.compile(r"\[       OK \]|\[  FAILED  \]|\[  SKIPPED \]")


@dataclass
class Test:
    folder: str
    name: str
    command: list[str]
    working_directory: str
    environment: dict[str, str]
    timeout: float
    alone: bool  # nothing else may run meanwhile

    @property
    def title(self) -> str:
        return f"{self.folder}/{self.name}" if self.folder != "build" else self.name


@dataclass
class Failure:
    title: str
    output: str


@dataclass
class Outcome:
    test: Test
    seconds: float = 0.0
    passed: int = 0
    skipped: int = 0
    failures: list[Failure] = field(default_factory=list)


def load_tests(folder: str, pattern: str, name_filter: str) -> list[Test]:
    listing = subprocess.run(
        ["ctest", "--test-dir", folder, "--show-only=json-v1"],
        check=True,
        capture_output=True,
        text=True,
    )
    tests = []
    for entry in json.loads(listing.stdout)["tests"]:
        if not (re.search(pattern, entry["name"]) and re.search(name_filter, entry["name"])):
            continue
        properties = {p["name"]: p["value"] for p in entry.get("properties", [])}
        tests.append(
            Test(
                folder=os.path.normpath(folder),
                name=entry["name"],
                command=entry.get("command", []),
                working_directory=properties.get("WORKING_DIRECTORY", folder),
                environment=dict(item.split("=", 1) for item in properties.get("ENVIRONMENT", [])),
                timeout=float(properties.get("TIMEOUT", TIMEOUT_SECONDS)),
                alone=bool(properties.get("RUN_SERIAL", False)),
            )
        )
    return tests


def end_with_children(process: subprocess.Popen) -> None:
    # Each test leads a session of its own, so the group holds its children and nothing else.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def run_test(test: Test) -> Outcome:
    started = time.monotonic()
    if not test.command or not os.path.exists(test.command[0]):
        return Outcome(
            test, failures=[Failure(test.title, "the test program has not been built\n")]
        )
    process = subprocess.Popen(
        test.command,
        cwd=test.working_directory,
        env={**os.environ, **test.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    RUNNING.add(process)
    problem = ""
    try:
        output, _ = process.communicate(timeout=test.timeout)
        if process.returncode < 0:
            problem = f"killed by signal {-process.returncode}"
        elif process.returncode > 0:
            problem = f"exit code {process.returncode}"
    except subprocess.TimeoutExpired:
        end_with_children(process)
        output, _ = process.communicate()
        problem = f"not finished after {test.timeout:.0f} s"
    RUNNING.discard(process)
    outcome = judge(test, output.decode(errors="replace"), problem)
    outcome.seconds = time.monotonic() - started
    return outcome


def judge(test: Test, output: str, problem: str) -> Outcome:
    """Counts what a program printed. `problem` says how it ended, empty for well."""
    outcome = Outcome(test)
    is_gtest = "[==========] Running " in output
    for name, text, result in gtest_cases(output) if is_gtest else []:
        if result == "[       OK ]":
            outcome.passed += 1
        elif result == "[  SKIPPED ]":
            outcome.skipped += 1
        elif result == "[  FAILED  ]":
            outcome.failures.append(Failure(f"{test.title}: {name}", text))
        else:
            outcome.failures.append(Failure(f"{test.title}: {name}", f"{text}{problem}\n"))
    if problem and not outcome.failures:
        outcome.failures.append(Failure(test.title, f"{output}{problem}\n"))
    elif not is_gtest:
        outcome.passed = 1
    return outcome


def gtest_cases(output: str) -> list[tuple[str, str, str]]:
    """Name, output and result of each case; no result where the program died within it."""
    cases = []
    starts = list(CASE_START.finditer(output))
    for i, start in enumerate(starts):
        limit = starts[i + 1].start() if i + 1 < len(starts) else len(output)
        end = CASE_END.search(output, start.end(), limit)
        text = output[start.end() : end.start() if end else limit].lstrip("\n")
        cases.append((start.group(1), text, end.group(0) if end else ""))
    return cases


def report(outcome: Outcome) -> None:
    cases = outcome.passed + len(outcome.failures)
    state = "FAILED" if outcome.failures else "ok    "
    count = "1 test" if cases == 1 else f"{cases} tests"
    skipped = f", {outcome.skipped} skipped" if outcome.skipped else ""
    print(f"{state} {outcome.test.title}  {count}{skipped}, {outcome.seconds:.1f} s", flush=True)
    for failure in outcome.failures:
        lines = failure.output.rstrip("\n").split("\n")
        if len(lines) > OUTPUT_LINES_MAX:
            left_out = len(lines) - OUTPUT_LINES_MAX
            lines = [f"... {left_out} lines left out ..."] + lines[-OUTPUT_LINES_MAX:]
        print(f"  --- {failure.title}")
        print("".join(f"      {line}\n" for line in lines), end="", flush=True)


def run_all(tests: list[Test]) -> list[Outcome]:
    outcomes = []
    with ThreadPoolExecutor(PARALLEL) as pool:
        for done in as_completed(pool.submit(run_test, test) for test in tests if not test.alone):
            outcomes.append(done.result())
            report(outcomes[-1])
    for test in tests:
        if test.alone:
            outcomes.append(run_test(test))
            report(outcomes[-1])
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folders", nargs="+", metavar="FOLDER[:PATTERN]")
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="run tests with such names only"
    )
    arguments = parser.parse_args()

    tests = []
    for item in arguments.folders:
        folder, _, pattern = item.partition(":")
        tests += load_tests(folder, pattern, arguments.only)
    try:
        outcomes = run_all(tests)
    except KeyboardInterrupt:
        for process in list(RUNNING):
            end_with_children(process)
        return 130

    failures = [failure for outcome in outcomes for failure in outcome.failures]
    if failures:
        print("failed:")
        for failure in failures:
            print(f"  {failure.title}")
    print(f"{sum(outcome.passed for outcome in outcomes)} passed, {len(failures)} failed")
    return 1 if failures or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
