#!/usr/bin/env python3
"""`harmonia run` on a terminal: the live tree, Ctrl-C once and twice."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unittest

from harness import HARMONIA, PATIENCE_SECONDS, Case, environment

WORK = """
name: tree
tasks:
  first: { type: wait, duration: 0.6 }
  second: { type: wait, depends_on: [first], duration: %s }
output: { done: true }
"""


ASKS = """
name: asks
tasks:
  check:
    type: approval
    title: A trip?
    on_reject: continue
    form:
      type: object
      required: [limit]
      properties: { limit: { type: integer, minimum: 1 }, first: { type: boolean } }
  paid: { type: event, event: order.paid, depends_on: [check] }
output: { check: "${tasks.check.output}", paid: "${tasks.paid.output}" }
"""

BREAKS = """
name: breaks
tasks:
  work:
    component: script
    action: run
    on_error: incident
    input: { command: ["false"] }
output: { done: "${tasks.work.output}" }
"""


class Terminal:
    """A program on a pseudo-terminal of the given size."""

    def __init__(self, arguments: list[str], rows: int, columns: int, variables: dict[str, str]):
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execve(HARMONIA, [HARMONIA, *arguments], variables)
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, size)
        self.output = ""
        self.exit_code: int | None = None

    def read_until(self, text: str):
        while text not in self.output:
            if not self._read():
                raise AssertionError(f"{text!r} did not come: {self.output[-2000:]!r}")

    def read_to_end(self) -> int:
        while self._read():
            pass
        if self.exit_code is None:
            self.exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.exit_code

    def type(self, line: str):
        os.write(self.descriptor, line.encode() + b"\n")

    def press_ctrl_c(self):
        os.write(self.descriptor, b"\x03")

    def close(self):
        if self.exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)

    def _read(self) -> bool:
        ready, _, _ = select.select([self.descriptor], [], [], PATIENCE_SECONDS)
        if not ready:
            return False
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # the other end is closed
            return False
        self.output += data.decode("utf-8", "replace")
        return bool(data)


class TerminalTest(Case):
    def terminal(self, duration: float, *arguments: str, rows=24, columns=80, **more) -> Terminal:
        return self.terminal_of(WORK % duration, *arguments, rows=rows, columns=columns, **more)

    def terminal_of(self, text: str, *arguments: str, rows=24, columns=80, **more) -> Terminal:
        file = self.write("tree.yaml", text)
        variables = {"TERM": "xterm", "LANG": "C.UTF-8", "HOME": str(self.folder)} | more
        terminal = Terminal(
            ["run", file, "--data-dir", str(self.data), *arguments],
            rows,
            columns,
            environment(**variables),
        )
        self.addCleanup(terminal.close)
        return terminal

    def test_the_tree_is_redrawn_in_place(self):
        terminal = self.terminal(0.3)
        self.assertEqual(terminal.read_to_end(), 0, terminal.output)
        self.assertIn("\x1b[3A", terminal.output)  # up over title and two tasks
        self.assertIn("ends in", terminal.output)
        last = terminal.output.rsplit("\x1b[3A", 1)[1]
        self.assertIn("2 of 2 tasks done", last)
        self.assertIn("✔", last)
        self.assertIn('"done": true', last)
        self.assertLess(terminal.output.count("\x1b[3A"), 20)  # about 10 pictures a second
        self.assertTrue(terminal.output.endswith("\x1b[?25h"))

    def test_no_line_is_wider_than_the_terminal(self):
        terminal = self.terminal(0.1, columns=24)
        terminal.read_to_end()
        for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.output).splitlines():
            self.assertLessEqual(len(line), 24, line)

    def test_no_color_is_honoured(self):
        terminal = self.terminal(0.1, NO_COLOR="1")
        terminal.read_to_end()
        self.assertNotRegex(terminal.output, r"\x1b\[[0-9;]*m")

    def test_one_ctrl_c_cancels(self):
        terminal = self.terminal(600)
        terminal.read_until("ends in 9 m")
        terminal.press_ctrl_c()
        self.assertEqual(terminal.read_to_end(), 130)
        self.assertIn("canceling the run", terminal.output)
        done = self.harmonia("run", "--resume", "--data-dir", str(self.data))
        self.assertIn("no run was left unfinished", done.stderr)

    def test_a_second_ctrl_c_leaves_at_once(self):
        terminal = self.terminal(600)
        terminal.read_until("ends in 9 m")
        begun = time.monotonic()
        terminal.press_ctrl_c()
        terminal.press_ctrl_c()
        self.assertEqual(terminal.read_to_end(), 130)
        self.assertLess(time.monotonic() - begun, 5)

    def test_a_person_is_asked_field_by_field(self):
        terminal = self.terminal_of(ASKS)
        terminal.read_until("check waits for approval: A trip?")
        terminal.read_until("approve? [y/n] ")
        terminal.type("perhaps")
        terminal.read_until("type y or n")
        terminal.type("y")
        terminal.read_until("limit (integer): ")
        terminal.type("0")
        terminal.read_until("first (boolean), Enter for none: ")
        terminal.type("")
        terminal.read_until("does not match the form")
        terminal.type("y")
        terminal.read_until("limit (integer): ")
        terminal.type("7")
        terminal.read_until("first (boolean), Enter for none: ")
        terminal.type("y")
        terminal.read_until("paid waits for event order.paid")
        terminal.read_until("payload as JSON (Enter: null): ")
        terminal.type('{"amount": 12}')
        self.assertEqual(terminal.read_to_end(), 0, terminal.output)
        self.assertIn('"limit": 7', terminal.output)
        self.assertIn('"first": true', terminal.output)
        self.assertIn('"amount": 12', terminal.output)

    def test_an_operator_is_asked_about_an_incident(self):
        terminal = self.terminal_of(BREAKS)
        question = "[r]etry, [s]kip, [c]omplete or [f]ail? "
        terminal.read_until(question)
        terminal.type("r")
        terminal.output = ""
        terminal.read_until(question)  # it failed again
        terminal.type("c")
        terminal.read_until("output as JSON (Enter: null): ")
        terminal.type('{"by": "hand"}')
        self.assertEqual(terminal.read_to_end(), 0, terminal.output)
        self.assertIn('"by": "hand"', terminal.output)

    def test_ctrl_c_ends_a_question(self):
        terminal = self.terminal_of(ASKS)
        terminal.read_until("approve? [y/n] ")
        terminal.press_ctrl_c()
        self.assertEqual(terminal.read_to_end(), 130, terminal.output)

    def test_resumed_runs_are_left_by_ctrl_c(self):
        terminal = self.terminal(600)
        terminal.read_until("ends in 9 m")
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.read_to_end()
        process = self.start("run", "--resume", "--data-dir", str(self.data))
        self.assertIn("finishing the run of tree", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=20), 130)
        self.assertIn("left unfinished", process.stderr.read())


if __name__ == "__main__":
    unittest.main()
