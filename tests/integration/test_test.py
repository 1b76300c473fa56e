#!/usr/bin/env python3
"""`harmonia test`: its answers, its exit codes, and the tutorial that teaches it."""

import os
import re
import subprocess
import unittest
from pathlib import Path

from harness import HARMONIA, PATIENCE_SECONDS, ROOT, Case, environment

TUTORIAL = ROOT / "docs" / "how_to" / "test_a_workflow.md"

WORKFLOW = """\
workflow w
  name: w
  tasks:
    a: { component: log, action: write, input: { message: "a" } }

start e1 w
"""
STARTED = """\
----
0.000 1 execution-started input={}
0.000 2 task-scheduled a#1 input={"message":"a"}
"""


class TestTest(Case):
    def test_a_scenario_that_holds_passes(self):
        file = self.write("w.wft", WORKFLOW + STARTED)
        done = self.harmonia("test", file)
        self.assertEqual((done.returncode, done.stdout), (0, "1 passed, 0 failed\n"), done.stderr)

    def test_a_difference_is_shown_once_for_all_modes(self):
        file = self.write("w.wft", WORKFLOW + STARTED.replace("a#1", "b#1"))
        done = self.harmonia("test", file, "--mode", "all")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, f"""\
{file}:6: start e1 w  (memory, sqlite, crash-each, reload, twice)
    0.000 1 execution-started input={{}}
  - 0.000 2 task-scheduled b#1 input={{"message":"a"}}
  + 0.000 2 task-scheduled a#1 input={{"message":"a"}}
0 passed, 1 failed
""")

    def test_modes_are_chosen(self):
        file = self.write("w.wft", WORKFLOW)
        self.assertIn("(memory, crash-each)", self.harmonia("test", file).stdout)
        self.assertIn("(reload)", self.harmonia("test", file, "--mode", "reload").stdout)
        both = self.harmonia("test", file, "--mode", "twice", "--mode", "memory").stdout
        self.assertIn("(memory, twice)", both)
        self.assertEqual(self.harmonia("test", file, "--mode", "fast").returncode, 2)

    def test_a_mistake_in_the_file_is_told_with_its_line(self):
        file = self.write("w.wft", WORKFLOW + STARTED + "\nstrat e1 w\n")
        done = self.harmonia("test", file)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, f"""\
{file}:11: 'strat' is no directive; did you mean `start`?
0 passed, 1 failed
""")

    def test_update_writes_what_happens(self):
        file = self.write("w.wft", WORKFLOW)
        done = self.harmonia("test", "--update", file)
        self.assertEqual((done.returncode, done.stdout),
                         (0, f"updated {file}:1\n1 passed, 0 failed\n"))
        self.assertEqual(Path(file).read_text(encoding="utf-8"), WORKFLOW + STARTED)
        self.assertEqual(self.harmonia("test", "--update", file).stdout, "1 passed, 0 failed\n")

    def test_update_is_refused_where_nobody_reads(self):
        file = self.write("w.wft", WORKFLOW)
        done = self.harmonia("test", "--update", file, CI="true")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--update is for people", done.stderr)
        self.assertEqual(Path(file).read_text(encoding="utf-8"), WORKFLOW)

    def test_examples_of_a_page_are_updated_in_place(self):
        page = f"# Page\n\n```wft\n{WORKFLOW}```\n\nMore:\n\n```wft\neval 1 + 1\n```\n"
        file = self.write("page.md", page)
        self.assertIn("0 passed, 2 failed", self.harmonia("test", file).stdout)
        done = self.harmonia("test", "--update", file)
        self.assertIn("2 passed, 0 failed", done.stdout)
        self.assertEqual(Path(file).read_text(encoding="utf-8"),
                         page.replace(WORKFLOW, WORKFLOW + STARTED)
                         .replace("eval 1 + 1\n", "eval 1 + 1\n----\n2\n"))

    def test_folders_are_searched(self):
        (self.folder / "inner").mkdir()
        self.write("inner/a.wft", WORKFLOW + STARTED)
        self.write("b.wft", WORKFLOW + STARTED)
        self.write("c.txt", "nothing")
        done = self.harmonia("test", str(self.folder))
        self.assertEqual(done.stdout, "2 passed, 0 failed\n")

    def test_what_can_not_be_read_is_wrong_usage(self):
        done = self.harmonia("test", str(self.folder / "absent.wft"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no such file", done.stderr)
        done = self.harmonia("test", str(self.folder))
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no .wft file", done.stderr)
        self.assertEqual(self.harmonia("test").returncode, 2)

    def test_definitions_are_checked_as_a_server_does(self):
        file = self.write("w.wft", """\
workflow w
  name: w
  tasks:
    a: { component: log, action: write, input: { massage: "a" } }
""")
        done = self.harmonia("test", file)
        self.assertEqual(done.returncode, 1)
        self.assertIn("massage", done.stdout)


class TutorialTest(Case):
    """Plays the page: files named before a block are written, commands run, answers compared."""

    def test_the_tutorial_is_true(self):
        blocks = re.findall(r"^(?:`(\S+)`( now holds)?:\n\n)?```(\w*)\n(.*?)^```$",
                            TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        self.assertGreater(len(blocks), 8)
        binary = Path(os.path.abspath(HARMONIA)).parent
        variables = environment(HOME=str(self.folder), PATH=f"{binary}:{os.environ['PATH']}")
        printed = None
        for name, holds, language, text in blocks:
            if holds:
                self.assertEqual((self.folder / name).read_text(encoding="utf-8"), text)
            elif name:
                self.write(name, text)
            elif language == "sh":
                done = subprocess.run(["sh", "-c", text], cwd=self.folder, env=variables, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      timeout=PATIENCE_SECONDS, check=False)
                printed = done.stdout
            elif language == "text":
                self.assertEqual(printed, text)


if __name__ == "__main__":
    unittest.main()
