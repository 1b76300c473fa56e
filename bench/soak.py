#!/usr/bin/env python3
"""Lets a server work for a long time at a fixed rate while workers, and the server, are killed.

    bench/soak.py --minutes 10 --rate 200
    bench/soak.py --minutes 60 --rate 50 --kill-server-every 60

Starts come at the fixed rate whatever is answered; latencies count from when a start was due. The
workflows are those of bench/soak_load.py: chains, calls of a service, waits, maps, retries,
undoing, people, signals and events. At the end every run must have ended or wait for somebody,
nothing that was completed may have been done again, and `harmonia verify` must find nothing;
otherwise the exit code is 1. The figures go to build/bench/soak.json, a page with pictures to
soak.html beside it.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import report  # noqa: E402
import soak_figures as figures  # noqa: E402
from load import TICKS  # noqa: E402
from server import HARMONIA, Server  # noqa: E402
from soak_load import Load, SoakObserver  # noqa: E402
from soak_worker import Workers  # noqa: E402

BUCKETS_MAX = 150
IDLE_SECONDS_MAX = 120.0
FAULTS_SHOWN = 10


class Soak:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = Path(folder)
        self.seconds = arguments.minutes * 60
        self.dice = random.Random(arguments.seed)
        self.workers = Workers(folder, arguments.workers)
        self.server = Server(self.folder / "data", allow_private_addresses=True)
        self.observer = SoakObserver(self.workers, arguments.seed)
        self.observer.server = self.server
        self.kills = {"workers": [], "server": []}
        self.down_seconds = []  # of each kill of the server, until it was ready again
        self.verified = ""

    def run(self):
        try:
            self.server.start()
            self.observer.define()
            self.drive()
            self.observer.check_all(processes=2)
            self.stop_and_verify()
        finally:
            if self.server.process and self.server.process.poll() is None:
                self.server.stop("kill")
            self.workers.close()
        return self.results()

    def drive(self):
        # Otherwise a thread of the load could end, and nobody would miss what it had to do.
        threading.excepthook = lambda failed: self.observer.fail(
            "this load: " + "".join(traceback.format_exception(failed.exc_value)))
        load = self.load = Load(self.observer, self.arguments.rate)
        load.begin()
        self.began_at = time.time() - (time.monotonic() - load.began)
        sampler = figures.Sampler(self.observer, load.began)
        try:
            self.kill_until_the_end()
        finally:
            load.end()
            sampler.end()
        self.observer.ask_again()
        self.samples = sampler.samples
        self.wait_until_idle()
        self.memory_idle_kib = sampler.of_process(self.server.process.pid)["anonymous_kib"]

    def kill_until_the_end(self):
        every = {"workers": self.arguments.kill_workers_every,
                 "server": self.arguments.kill_server_every}
        # The moments are random, their mean is what was asked for.
        following = {name: self.after(0.0, mean) for name, mean in every.items() if mean > 0}
        shown = 0.0
        while (now := time.monotonic() - self.load.began) < self.seconds:
            if self.server.process.poll() is not None:
                self.observer.fail(f"the server ended by itself: {self.server.process.returncode}")
                return
            for name, when in following.items():
                if now >= when:
                    self.kills[name].append(now)
                    getattr(self, f"kill_{name}")()
                    following[name] = self.after(now, every[name])
            if now - shown >= 10:
                shown = now
                self.show_progress(now)
            time.sleep(0.02)

    def after(self, now, mean):
        return now + self.dice.uniform(0.5, 1.5) * mean

    def kill_workers(self):
        """One of them, or now and then all."""
        numbers = range(self.arguments.workers)
        self.workers.kill(list(numbers) if self.dice.random() < 0.25
                          else [self.dice.choice(numbers)])

    def kill_server(self):
        self.server.stop("kill")
        began = time.monotonic()
        self.workers.next_life()
        self.server.start()
        self.down_seconds.append(time.monotonic() - began)
        self.observer.ask_again()

    def show_progress(self, now):
        numbers = self.observer.numbers
        print(f"{now:6.0f} s  {numbers['starts acknowledged']} started, "
              f"{self.workers.total()} calls of the service, {len(self.observer.faults)} faults",
              file=sys.stderr, flush=True)

    def wait_until_idle(self):
        """Nothing to do for a second, or long enough: then the check says what is left."""
        deadline = time.monotonic() + IDLE_SECONDS_MAX
        idle_since = time.monotonic()
        while time.monotonic() < min(deadline, idle_since + 1):
            engine = self.server.must("GET", "/status")["engine"]
            if engine["attempts_in_flight"] or engine["timers_armed"] or engine["mailbox_depth"]:
                idle_since = time.monotonic()
            time.sleep(0.05)

    def stop_and_verify(self):
        self.server.stop()
        if self.server.process.returncode != 0:
            self.observer.fail(f"the server stopped with {self.server.process.returncode}")
        done = subprocess.run([HARMONIA, "verify", "--data-dir", str(self.server.folder)],
                              capture_output=True, text=True, check=False)
        self.verified = (done.stdout + done.stderr).strip()
        if done.returncode != 0:
            self.observer.fail(f"harmonia verify: {self.verified}")

    # --- What came of it ------------------------------------------------------------------------

    def results(self):
        return {
            "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "revision": report.revision(),
            "machine": report.machine(),
            "arguments": {name: str(value) if isinstance(value, Path) else value
                          for name, value in vars(self.arguments).items()},
            "faults": self.observer.faults,
            "verify": self.verified,
            "numbers": dict(sorted(self.observer.numbers.items())),
            "figures": self.figures(),
            "memory": figures.memory_growth(self.samples, min(120.0, self.seconds / 3)),
            "kills": self.kills,
            "series": self.series(),
            "samples": self.samples,
        }

    def latencies(self):
        return [(due, (answered - due) * 1000) for due, _, answered, outcome in self.load.starts
                if outcome == "acknowledged"]

    def figures(self):
        measured, last = self.observer.measured, self.samples[-1]
        starts = [milliseconds for _, milliseconds in self.latencies()]
        late = [(sent - due) * 1000 for due, sent, _, _ in self.load.starts]
        rows = {
            "starts_due": len(self.load.starts),
            "starts_per_second": len(starts) / self.seconds,
            "runs_ended_per_second": last["runs_ended"] / last["at"],
            "calls_per_second": last["effects"] / last["at"],
            "database_bytes_per_run": last["database_bytes"] / max(1, last["runs"]),
            "memory_idle_mib": self.memory_idle_kib / 1024,
            "attempts_failed": len(measured.failures),
            "server_kills": len(self.kills["server"]),
            "server_down_seconds_most": max(self.down_seconds, default=0.0),
            "worker_kills": len(self.kills["workers"]),
        } | self.cpu()
        for name, values in {
                "start_ms": starts, "sent_late_ms": late,
                "timer_late_ms": [late * 1000 for _, late in measured.timers],
                "attempt_waits_ms": [wait * 1000 for _, wait in measured.attempts],
                "run_ms": [took * 1000 for _, took in measured.durations]}.items():
            rows[f"{name}_p50"] = figures.percentile(values, 0.5)
            rows[f"{name}_p99"] = figures.percentile(values, 0.99)
            rows[f"{name}_most"] = max(values, default=None)
        return rows

    def cpu(self):
        """Of the last life of the server, while there was load."""
        life = [sample for sample in self.samples if sample["life"] == self.samples[-1]["life"]]
        if len(life) < 2:
            return {}
        seconds = (life[-1]["cpu_ticks"] - life[0]["cpu_ticks"]) / TICKS
        runs = max(1, life[-1]["runs_ended"] - life[0]["runs_ended"])
        return {"cpu_cores": seconds / (life[-1]["at"] - life[0]["at"]),
                "cpu_ms_per_run": seconds * 1000 / runs}

    def series(self):
        width = max(1.0, self.seconds / BUCKETS_MAX)
        count = max(1, round(self.seconds / width))
        measured = self.observer.measured

        def of_histories(points):
            since = [(at - self.began_at, value * 1000) for at, value in points]
            return figures.series(since, width, count)

        def rate(moments):
            buckets = figures.series([(at, 1) for at in moments], width, count)["count"]
            return [number / width for number in buckets]

        starts = self.load.starts
        ends = {status: rate(at - self.began_at for at, ended in measured.ends if ended == status)
                for status in ("completed", "failed", "canceled")}
        answers = {outcome: rate(due for due, _, _, came in starts if came == outcome)
                   for outcome in ("acknowledged", "refused", "no answer")}
        return {
            "width": width,
            "start_ms": figures.series(self.latencies(), width, count),
            "sent_late_ms": figures.series([(due, (sent - due) * 1000)
                                            for due, sent, _, _ in starts], width, count),
            "timer_late_ms": of_histories(measured.timers),
            "attempt_waits_ms": of_histories(measured.attempts),
            "starts_per_second": answers,
            "ends_per_second": ends,
            "failed_attempts_per_second": rate(at - self.began_at for at in measured.failures),
        }


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=100.0, help="starts per second")
    parser.add_argument("--workers", type=int, default=2, help="processes that serve the tasks")
    parser.add_argument("--kill-workers-every", type=float, default=5.0, metavar="SECONDS",
                        help="in the mean; 0: never")
    parser.add_argument("--kill-server-every", type=float, default=0.0, metavar="SECONDS",
                        help="in the mean; 0, the default: never")
    parser.add_argument("--seed", type=int, default=1, help="repeats the choices, not the moments")
    parser.add_argument("--out", type=Path, default=report.ROOT / "build/bench", metavar="FOLDER")
    parser.add_argument("--no-page", action="store_true", help="only the JSON")
    return parser.parse_args()


def draw(results):
    """By Debian's Python, which has Debian's matplotlib, whatever `python3` is here."""
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    script = Path(__file__).with_name("soak_page.py")
    return subprocess.run([python, str(script), str(results)], check=False).returncode == 0


def main():
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="harmonia-soak-") as folder:
        soak = Soak(arguments, folder)
        results = soak.run()
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "soak.json"
    path.write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(soak.observer.report("What the observer saw"))
    for part in ("figures", "memory"):
        print(part)
        for name, value in results[part].items():
            print(f"  {name:<32} {'none' if value is None else report.show(value):>12}")
    print(f"figures: {path}")
    if not arguments.no_page and draw(path):
        print(f"pictures: {path.with_suffix('.html')}")
    for fault in results["faults"][:FAULTS_SHOWN]:
        print(f"FAULT {fault}")
    print(f"{len(results['faults'])} faults; verify: {results['verify']}")
    return 1 if results["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
