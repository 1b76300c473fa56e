"""What a soak measures: samples of the server, lags from histories, percentiles, slopes."""
import math
import threading
import time
from datetime import datetime
from pathlib import Path

ENDS = {"workflow_completed": "completed", "workflow_failed": "failed",
        "workflow_canceled": "canceled"}


def seconds_of(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def percentile(values, share):
    """The nearest rank; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def slope(points):
    """Least squares through (x, y): slope and its standard error, or None of fewer than 3."""
    count = len(points)
    if count < 3:
        return None
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        return None
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    rest = sum((y - mean_y - rise * (x - mean_x)) ** 2 for x, y in points)
    return rise, math.sqrt(rest / (count - 2) / spread)


class Measured:
    """Of histories: how late things were, and when. Times are seconds since 1970."""

    def __init__(self):
        self.timers = []  # (when due, seconds late)
        self.attempts = []  # (when handed out, seconds until the service was asked)
        self.ends = []  # (when, status)
        self.durations = []  # (when ended, seconds)
        self.failures = []  # when an attempt failed

    def add(self, other):
        for name, values in vars(other).items():
            getattr(self, name).extend(values)

    def take(self, run, events, first_at):
        retries = {}  # path -> when its next attempt is due
        waits = {}
        began = None
        for event in events:
            kind, path = event["event_type"], event["task_id"]
            at = seconds_of(event["timestamp"])
            began = began or at
            if kind == "task_waiting":
                waits[path] = seconds_of(event["details"]["until"])
            elif kind == "retry_attempted":
                retries[path] = seconds_of(event["details"]["retry_at"])
                self.failures.append(at)
            elif kind == "task_completed" and path in waits:
                self.timers.append((waits[path], at - waits.pop(path)))
            elif kind == "task_started":
                self.take_start(run, event, at, retries.pop(path, None), first_at)
            elif kind in ENDS:
                self.ends.append((at, ENDS[kind]))
                self.durations.append((at, at - began))

    def take_start(self, run, event, at, due, first_at):
        if due is not None:
            self.timers.append((due, at - due))
        asked = first_at.get(f"{run}/{event['task_id']}")
        if asked is not None and event["details"].get("attempt") == 1:
            self.attempts.append((at, asked - at))


class Sampler:
    """Once a second: what the server is and has. Begins anew with each life of the process."""

    def __init__(self, observer, began):
        self.observer = observer
        self.began = began
        self.samples = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def end(self):
        self.stopping.set()
        self.thread.join()

    def run(self):
        tick = 0
        while not self.stopping.wait(max(0.0, self.began + tick - time.monotonic())):
            tick += 1
            sample = self.sample()
            if sample:
                self.samples.append(sample)

    def sample(self):
        """None while no server answers."""
        server, life = self.observer.server, self.observer.service.life
        answer = self.observer.call("GET", "/status")
        try:
            process = self.of_process(server.process.pid)
        except (OSError, KeyError):  # killed, and then without memory until it is waited for
            return None
        if answer is None or answer[0] != 200 or life != self.observer.service.life:
            return None
        status = answer[1]
        size = {path.name: path.stat().st_size for path in Path(server.folder).glob("harmonia.db*")}
        runs = status["store"]["executions"]
        return process | {
            "at": time.monotonic() - self.began,
            "life": life,
            "database_bytes": size.get("harmonia.db", 0),
            "wal_bytes": size.get("harmonia.db-wal", 0),
            "runs": runs,
            "runs_ended": runs - status["store"]["executions_active"],
            "effects": self.observer.service.total(),
        } | {name: status["engine"][name] for name in (
            "live_runs", "attempts_in_flight", "timers_armed", "mailbox_depth",
            "last_commit_seconds", "commits_total", "stale_reports_total")}

    @staticmethod
    def of_process(pid):
        folder = Path(f"/proc/{pid}")
        pairs = (line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        status = {name: text.split()[0] for name, text in pairs if text.split()}
        fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        return {"resident_kib": int(status["VmRSS"]), "anonymous_kib": int(status["RssAnon"]),
                "threads": int(status["Threads"]), "cpu_ticks": int(fields[11]) + int(fields[12]),
                "files": len(list((folder / "fd").iterdir()))}


def memory_growth(samples, warm_after):
    """Of the longest life, once warm: per hour, and per finished run."""
    lives = {}
    for sample in samples:
        lives.setdefault(sample["life"], []).append(sample)
    longest = max(lives.values(), key=len, default=[])
    if not longest:
        return {}
    warm = [sample for sample in longest if sample["at"] - longest[0]["at"] >= warm_after]
    per_second = slope([(sample["at"], sample["anonymous_kib"]) for sample in warm])
    per_run = slope([(sample["runs_ended"], sample["anonymous_kib"]) for sample in warm])
    if per_second is None or per_run is None:
        return {}
    return {"from": warm[0]["at"], "to": warm[-1]["at"],
            "runs_ended": warm[-1]["runs_ended"] - warm[0]["runs_ended"],
            "live_runs": warm[-1]["live_runs"] - warm[0]["live_runs"],
            "mib_at_begin": warm[0]["anonymous_kib"] / 1024,
            "mib_at_end": warm[-1]["anonymous_kib"] / 1024,
            "mib_per_hour": per_second[0] * 3600 / 1024,
            "mib_per_hour_error": per_second[1] * 3600 / 1024,
            "bytes_per_run": per_run[0] * 1024, "bytes_per_run_error": per_run[1] * 1024}


def series(points, width, count):
    """(when, value) by buckets of this width: p50, p99, most and how many of each."""
    buckets = [[] for _ in range(count)]
    for at, value in points:
        if 0 <= at < width * count:
            buckets[int(at / width)].append(value)
    return {"p50": [percentile(bucket, 0.5) for bucket in buckets],
            "p99": [percentile(bucket, 0.99) for bucket in buckets],
            "most": [max(bucket, default=None) for bucket in buckets],
            "count": [len(bucket) for bucket in buckets]}
