"""Drives the real binary: folders, processes, HTTP. Standard library only."""

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HARMONIA = os.environ.get("HARMONIA", str(ROOT / "build" / "harmonia"))
# The same program with faults (tests/faults/install_faults.cc).
FAULTY = os.environ.get("FAULTY", str(ROOT / "build" / "tests" / "harmonia_faulty"))
PATIENCE_SECONDS = 60.0


KEPT = ("PATH", "TMPDIR", "LANG", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")


def environment(**more: str) -> dict[str, str]:
    """Only what any place has: a test means the same in a shell, in a container and in CI."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | more


def wait_until(condition, what: str, seconds: float = PATIENCE_SECONDS):
    """The first true value of the condition."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {seconds} s for {what}")


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="harmonia-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.data = self.folder / "data"

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def harmonia(self, *arguments: str, stdin: str | bytes = "", **variables: str):
        """Runs the program to its end; text in and out."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [HARMONIA, *arguments],
            input=data,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            env=environment(HOME=str(self.folder), **variables),
            check=False,
        )
        done.stdout = done.stdout.decode("utf-8", "replace")
        done.stderr = done.stderr.decode("utf-8", "replace")
        return done

    def run_workflow(self, file: str, *arguments: str, **more):
        return self.harmonia("run", file, "--data-dir", str(self.data), *arguments, **more)

    def start(self, *arguments: str, program: str = HARMONIA, **variables: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(HOME=str(self.folder), **variables),
        )
        self.addCleanup(end_process, process)
        return process

    def wait_for_text(self, process, text):
        lines = []
        while True:
            line = process.stderr.readline()
            self.assertTrue(line, "".join(lines))
            lines.append(line)
            if text in line:
                return

    def start_serving(self, *arguments: str, **variables: str) -> subprocess.Popen:
        return self.start(
            "serve", "--port", "0", "--data-dir", str(self.data), *arguments, **variables
        )

    def serve(self, *arguments: str, **variables: str) -> "Server":
        return Server(self.start_serving(*arguments, **variables))


def end_process(process: subprocess.Popen):
    if process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


class Server:
    """A running `harmonia serve`."""

    def __init__(self, process: subprocess.Popen):
        self.process = process
        line = process.stdout.readline()
        found = re.search(r"http://\S+:\d+", line)
        if not found:
            process.wait(timeout=PATIENCE_SECONDS)
            raise AssertionError(f"it does not listen: {line}{process.stderr.read()}")
        self.url = found.group()
        self.errors: list[str] = []
        # Read all the time: a full pipe would stop the server.
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self):
        try:
            for line in self.process.stderr:
                self.errors.append(line)
        except ValueError:
            pass  # closed by the end of the test

    def call(self, method: str, path: str, body=None, raw: bytes | None = None):
        """Status and JSON of an answer, also of one that is an error."""
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            return error.code, json.loads(text) if text else None

    def create(self, definition: dict) -> str:
        status, answer = self.call("POST", "/api/workflows", definition)
        assert status == 201, answer
        return answer["id"]

    def execute(self, workflow: str, run_input: dict | None = None) -> str:
        status, answer = self.call(
            "POST", f"/api/workflows/{workflow}/execute", {"input": run_input or {}}
        )
        assert status in (200, 202), answer
        return answer.get("id") or answer["execution_id"]

    def execution(self, run: str) -> dict:
        status, answer = self.call("GET", f"/api/executions/{run}")
        assert status == 200, answer
        return answer

    def wait_for_end(self, run: str) -> dict:
        def ended():
            answer = self.execution(run)
            return answer if answer["status"] in ("completed", "failed", "canceled") else None

        return wait_until(ended, f"the end of {run}")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def kill(self):
        self.process.kill()
        self.process.wait()
