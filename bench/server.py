"""A server of its own for a measurement: a temporary folder, a free port. Standard library only."""
import contextlib
import http.client
import json
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HARMONIA = os.environ.get("HARMONIA", str(ROOT / "build" / "harmonia"))


class Server:
    """`harmonia serve` on a folder; `kill` and `start` again keep the data."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.settings = settings  # of `harmonia serve`: name=value
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = None

    def start(self):
        command = [HARMONIA, "serve", "--data-dir", str(self.folder), "--port", str(self.port)]
        for name, value in self.settings.items():
            option = "--" + name.replace("_", "-")
            command += [option] if value is True else [option, str(value)]
        # Its log would be part of what is measured.
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if self.call("GET", "/ready")[0] == 200:
                    return
            time.sleep(0.01)
        raise SystemExit("the server did not become ready")

    def stop(self, how="terminate"):
        getattr(self.process, how)()
        self.process.wait(timeout=60)

    def call(self, method, path, body=None, timeout=600):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            data = answer.read()
            return answer.status, json.loads(data) if data else None
        finally:
            connection.close()

    def must(self, method, path, body=None):
        status, answer = self.call(method, path, body)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {answer}")
        return answer

    def memory_kib(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.split("VmRSS:")[1].split()[0])


@contextlib.contextmanager
def running(**settings):
    with tempfile.TemporaryDirectory(prefix="harmonia-bench-") as folder:
        server = Server(folder, **settings)
        server.start()
        try:
            yield server
        finally:
            server.stop("kill")


def data_of(answer):
    return answer.get("data", answer) if isinstance(answer, dict) else answer


def wait_for_end(server, execution, seconds=1200.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run = data_of(server.must("GET", f"/api/executions/{execution}"))
        if run["status"] in ("completed", "failed", "canceled"):
            return run
        time.sleep(0.02)
    raise SystemExit(f"the run {execution} did not end within {seconds} s")
