#!/usr/bin/env python3
"""Holds tools/run_tests.py to its counting: what failed, crashed or hung is never passed."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from run_tests import Outcome, Test, judge, run_test  # noqa: E402

PASSED = (
    "[==========] Running 2 tests from 1 test suite.\n[ RUN      ] A.a\n[       OK ] A.a (0 ms)\n"
)


def make_test(*command: str, timeout: float = 10.0) -> Test:
    return Test("build", "t", list(command), ".", {}, timeout, alone=False)


class Judge(unittest.TestCase):
    def assert_counts(self, outcome: Outcome, passed: int, *failed: str) -> None:
        self.assertEqual(outcome.passed, passed)
        self.assertEqual([failure.title for failure in outcome.failures], list(failed))

    def test_cases_of_google_test_count_one_each(self):
        output = PASSED + (
            "[ RUN      ] A.b\nwhy\nnoise [  FAILED  ] A.b (1 ms)\n"
            "[ RUN      ] A.c\n[  SKIPPED ] A.c (0 ms)\n[  FAILED  ] 1 test, listed below:\n"
        )
        outcome = judge(make_test(), output, "exit code 1")
        self.assert_counts(outcome, 1, "t: A.b")
        self.assertEqual(outcome.failures[0].output, "why\nnoise ")
        self.assertEqual(outcome.skipped, 1)

    def test_a_crash_within_a_case_is_its_failure(self):
        outcome = judge(make_test(), PASSED + "[ RUN      ] A.b\nboom\n", "killed by signal 6")
        self.assert_counts(outcome, 1, "t: A.b")
        self.assertEqual(outcome.failures[0].output, "boom\nkilled by signal 6\n")

    def test_a_bad_end_after_good_cases_is_a_failure(self):
        self.assert_counts(judge(make_test(), PASSED, "exit code 1"), 1, "t")

    def test_other_programs_count_one(self):
        self.assert_counts(judge(make_test(), "fine\n", ""), 1)
        self.assert_counts(judge(make_test(), "bad\n", "exit code 2"), 0, "t")


class Run(unittest.TestCase):
    def test_programs_end_well_badly_never_or_do_not_exist(self):
        for command, problem in [
            ("exit 0", ""),
            ("echo out; exit 3", "out\nexit code 3\n"),
            ("kill -9 $$", "killed by signal 9\n"),
            ("sleep 60 & sleep 60", "not finished after 1 s\n"),
        ]:
            with self.subTest(command):
                outcome = run_test(make_test("/bin/sh", "-c", command, timeout=1.0))
                self.assertEqual(
                    [failure.output for failure in outcome.failures], [problem][: bool(problem)]
                )
                self.assertEqual(outcome.passed, 0 if problem else 1)
        outcome = run_test(make_test("/nowhere/program"))
        self.assertEqual(len(outcome.failures), 1)


if __name__ == "__main__":
    unittest.main()
