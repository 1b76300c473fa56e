#!/usr/bin/env python3
"""`make soak` in small: load, kills and checks; and that the checks find what is wrong."""

import json
import os
import subprocess
import sys
import unittest
from collections import Counter, defaultdict
from pathlib import Path
from types import SimpleNamespace

from harness import HARMONIA, ROOT, Case
from outside import Run

sys.path.insert(0, str(ROOT / "bench"))
import soak_figures  # noqa: E402
from soak_load import SoakObserver  # noqa: E402


def event(kind: str, second: float, task: str | None = None, **details) -> dict:
    at = f"2026-01-01T00:00:{second:09.6f}Z"
    return {"event_type": kind, "task_id": task, "timestamp": at, "details": details}


class ToldObserver(SoakObserver):
    """An observer of a server that says what it is told to say."""

    def __init__(self, status: str, events: list[dict], effects: dict[str, Counter]):
        service = SimpleNamespace(url="", effects=defaultdict(Counter, effects), first_at={})
        super().__init__(service, 1)
        self.answers = ({"status": status, "tasks": []}, {"items": events})

    def call(self, method, path, body=None, key=""):
        return 200, self.answers["/history" in path]


class SoakTest(Case):
    def test_a_soak_with_kills_finds_no_faults_and_says_what_it_measured(self):
        command = [sys.executable, str(ROOT / "bench" / "soak.py"), "--minutes", "0.15"]
        command += ["--rate", "40", "--kill-workers-every", "2", "--kill-server-every", "3"]
        command += ["--no-page", "--out", str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False,
                              env=os.environ | {"HARMONIA": HARMONIA})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        soak = json.loads(Path(self.folder, "soak.json").read_text(encoding="utf-8"))
        self.assertEqual(soak["faults"], [])
        self.assertIn("healthy", soak["verify"])
        # It was a test only if something was in the way of the kills.
        self.assertGreater(soak["numbers"]["starts acknowledged"], 100)
        self.assertGreaterEqual(soak["figures"]["server_kills"], 1)
        self.assertGreaterEqual(soak["figures"]["worker_kills"], 1)
        for name in ("start_ms_p99", "timer_late_ms_p99", "attempt_waits_ms_p99"):
            self.assertGreater(soak["figures"][name], 0, name)

    def faults_of(self, effects: int, completed: int, attempts: int = 1) -> list[str]:
        events = [event("task_started", 1, "call0", attempt=i + 1) for i in range(attempts)]
        counts = {"r/call0": Counter({0: effects})}
        observer = ToldObserver("completed", events, counts)
        observer.check_run("r", Run("soak-call", 0, completed={"call0": completed}))
        return observer.faults

    def test_what_was_done_again_after_it_was_completed_is_a_fault(self):
        self.assertEqual(self.faults_of(effects=1, completed=1), [])
        self.assertEqual(self.faults_of(effects=2, completed=2, attempts=2), [])
        again = self.faults_of(effects=2, completed=1, attempts=2)
        self.assertIn("1 effects at its end, 2 later", again[0])

    def test_two_effects_of_one_attempt_are_a_fault(self):
        self.assertIn("of 1 attempts", self.faults_of(effects=2, completed=2)[0])

    def test_a_run_that_waits_for_nobody_is_not_settled(self):
        self.assertFalse(ToldObserver("running", [], {}).is_settled("r"))
        self.assertTrue(ToldObserver("failed", [], {}).is_settled("r"))

    def test_lag_is_the_time_from_when_it_was_due(self):
        measured = soak_figures.Measured()
        began = soak_figures.seconds_of("2026-01-01T00:00:00Z")
        measured.take("r", [
            event("workflow_started", 1),
            event("task_waiting", 1, "rest", until="2026-01-01T00:00:03Z"),
            event("task_completed", 3.5, "rest"),
            event("task_started", 4, "call", attempt=1),
            event("retry_attempted", 5, "call", retry_at="2026-01-01T00:00:06Z"),
            event("task_started", 6.25, "call", attempt=2),
            event("workflow_completed", 7),
        ], {"r/call": began + 4.125})
        self.assertEqual([round(late, 6) for _, late in measured.timers], [0.5, 0.25])
        self.assertEqual([round(wait, 6) for _, wait in measured.attempts], [0.125])
        self.assertEqual([round(took, 6) for _, took in measured.durations], [6])

    def test_growth_is_that_of_the_longest_life_once_warm(self):
        def sample(at, life, kib):
            return {"at": at, "life": life, "anonymous_kib": kib, "runs_ended": 10 * at,
                    "live_runs": 5}

        short = [sample(at, 0, 9000 * at) for at in range(5)]
        warming = [sample(at, 1, 1000 * at) for at in range(5, 15)]
        warm = [sample(at, 1, 14000 + 2 * (at - 15)) for at in range(15, 60)]
        growth = soak_figures.memory_growth(short + warming + warm, warm_after=10)
        self.assertAlmostEqual(growth["mib_per_hour"], 2 * 3600 / 1024)
        self.assertAlmostEqual(growth["bytes_per_run"], 2 * 1024 / 10)


if __name__ == "__main__":
    unittest.main()
