"""Load over HTTP by wrk, and what it costs the server."""
import contextlib
import os
import re
import subprocess
import tempfile
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS[unit]


class Load:
    """What a run of wrk printed."""

    def __init__(self, text):
        self.requests = int(re.search(r"(\d+) requests in", text).group(1))
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        self.refused = int(refused.group(1)) if refused else 0
        broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)",
                           text)
        self.broken = sum(map(int, broken.groups())) if broken else 0
        self.percentiles = {int(float(percent)): milliseconds(latency) for percent, latency
                            in re.findall(r"^\s+([\d.]+)%\s+([\d.]+(?:us|ms|s|m))$", text, re.M)}

    def expect_all_good(self):
        if self.refused or self.broken:
            raise SystemExit(f"{self.refused} answers were no success, "
                             f"{self.broken} connections broke")
        return self


def script_for(method, body):
    lines = [f'wrk.method = "{method}"']
    if body is not None:
        lines += ['wrk.headers["Content-Type"] = "application/json"', f"wrk.body = '{body}'"]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def script_file(method, body):
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as script:
        script.write(script_for(method, body))
        script.flush()
        yield script.name


def command_for(server, path, connections, seconds, script):
    return ["wrk", "--threads", "1", "--connections", str(connections), "--duration",
            f"{seconds}s", "--timeout", "60s", "--latency", "--script", script,
            f"http://127.0.0.1:{server.port}{path}"]


def drive(server, path, *, method="GET", body=None, connections=64, seconds=5):
    """A closed loop: each connection asks again when it was answered."""
    with script_file(method, body) as script:
        done = subprocess.run(command_for(server, path, connections, seconds, script),
                              capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"wrk: {done.stderr.strip() or done.stdout.strip()}")
    return Load(done.stdout)


@contextlib.contextmanager
def driving(server, path, *, method="POST", body="{}", connections=64):
    """Load until the block ends."""
    with script_file(method, body) as script:
        process = subprocess.Popen(command_for(server, path, connections, 3600, script),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def status_of(server):
    """What the kernel says of the process: /proc/PID/status."""
    return Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")


def cpu_seconds(server):
    """Of the server so far: in the program, in the kernel."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1]
    user, kernel = fields.split()[11:13]
    return int(user) / TICKS, int(kernel) / TICKS


def cpu_seconds_exact(server):
    """Of the server so far, to the nanosecond, for short measurements; its threads live on."""
    tasks = Path(f"/proc/{server.process.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="utf-8").split()[0]) for task in tasks) / 1e9


def memory_most_mib(server):
    """The most it has had so far."""
    return int(status_of(server).split("VmHWM:")[1].split()[0]) / 1024


def folder_size(folder):
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
