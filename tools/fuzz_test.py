#!/usr/bin/env python3
"""Tests of tools/fuzz.py with fuzzers that only say what libFuzzer says."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent / "fuzz.py"

QUIET = """#!/bin/sh
echo "#2 INITED cov: 40 ft: 50 corp: 1/1b"
echo "Done 1234 runs in 7 second(s)"
echo "stat::number_of_executed_units: 1234"
"""
CRASHING = """#!/bin/sh
echo "assertion failed: 1 == 2"
echo "artifact_prefix='$PWD/'; Test unit written to /tmp/crash-abc"
exit 77
"""
DEAF = "#!/bin/sh\nexit 1\n"


class FuzzTest(unittest.TestCase):
    def run_fuzzers(self, programs: dict[str, str], *arguments: str) -> tuple[int, str]:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "fuzz").mkdir()
            for name, text in programs.items():
                file = Path(folder) / "fuzz" / f"{name}_fuzz"
                file.write_text(text)
                file.chmod(0o755)
            result = subprocess.run(
                [sys.executable, PROGRAM, "--folder", folder, *arguments],
                capture_output=True,
                text=True,
                check=False,
            )
            return result.returncode, result.stdout

    def test_a_run_that_finds_nothing_says_how_much_it_tried(self) -> None:
        code, output = self.run_fuzzers({"a": QUIET})
        self.assertEqual(code, 0)
        self.assertEqual(output, "fuzz: a: 1,234 inputs in 7 s, 40 edges, nothing found\n")

    def test_a_find_fails_and_says_where_it_lies_and_how_to_repeat_it(self) -> None:
        code, output = self.run_fuzzers({"a": CRASHING, "b": QUIET})
        self.assertEqual(code, 1)
        self.assertIn("assertion failed: 1 == 2", output)
        self.assertIn("the input:     /tmp/crash-abc", output)
        self.assertRegex(output, r"again: .*/a_fuzz /tmp/crash-abc")
        self.assertIn("fuzz: b: 1,234 inputs", output)  # the others run all the same

    def test_a_fuzzer_that_can_not_run_fails(self) -> None:
        code, output = self.run_fuzzers({"a": DEAF})
        self.assertEqual(code, 1)
        self.assertIn("exit code 1", output)

    def test_a_run_without_figures_fails(self) -> None:
        code, output = self.run_fuzzers({"a": "#!/bin/sh\n"})
        self.assertEqual(code, 1)
        self.assertIn("no figures", output)

    def test_only_those_named_are_run(self) -> None:
        code, output = self.run_fuzzers({"a": CRASHING, "b": QUIET}, "b")
        self.assertEqual(code, 0)
        self.assertNotIn("fuzz: a", output)

    def test_what_is_not_built_fails(self) -> None:
        code, output = self.run_fuzzers({}, "a")
        self.assertEqual(code, 1)
        self.assertIn("is not built", output)
        self.assertEqual(self.run_fuzzers({})[0], 1)


if __name__ == "__main__":
    unittest.main()
