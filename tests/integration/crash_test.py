#!/usr/bin/env python3
"""The program dies at each of its crash points (src/base/crash_point.h), at several passes of each,
and starts again: nothing acknowledged or shown is lost, nothing completed is done again, every run
ends or waits for somebody named."""

import os
import re
import signal
import sqlite3
import time
import unittest

from effect_service import EffectService
from harness import FAULTY, ROOT, Case, Server, wait_until
from outside import Observer

# Where the server works: the Nth pass of each at which it dies.
AT_WORK = {
    "store.before_commit": (1, 2, 7, 40),
    "store.after_commit": (1, 2, 7, 40),
    "store.snapshot_written": (1, 2),
    "store.before_checkpoint": (1, 2),
    "store.after_checkpoint": (1, 2),
    "engine.after_commit": (1, 2, 7, 40),
    "engine.performed": (1, 2, 7, 40),
    "engine.answered": (1, 5, 20),
    "tasks.before_start": (1, 5, 20),
    "tasks.before_report": (1, 5, 20),
}
# Where it starts or stops.
AT_START = {"store.migrating": (1, 2, 3), "store.wal_emptied": (1,), "engine.recovering": (1, 3)}
AT_END = {"store.closing": (1,)}
# Writes that are cut in the middle, as the rules of the disk say it.
IN_A_WRITE = (
    "write wal kill after=3",
    "write wal kill after=60",
    "write database kill",
    "write database kill after=20",
    "sync wal kill after=9",
    "sync database kill",
    "truncate any kill",
)


class CrashTest(Case):
    def setUp(self):
        super().setUp()
        self.service = EffectService()
        self.addCleanup(self.service.close)
        self.observer = Observer(self.service, 1)
        self.observer.server = self.serve("--allow-private-addresses")
        self.observer.define()
        # Many events in one run, for a snapshot.
        long = {"type": "map", "items": list(range(200)), "do": {"step": {"component": "noop"}}}
        self.observer.server.create({"name": "kill-long", "tasks": {"each": long}})
        # Many pages in the WAL, for a checkpoint.
        large = {"type": "set", "values": {"x": "${input.x}"}}
        self.observer.server.create({"name": "kill-large", "tasks": {"a": large}})

    def stop(self):
        self.assertEqual(self.observer.server.stop(), 0)

    def start_faulty(self, **variables: str):
        return self.start_serving("--allow-private-addresses", program=FAULTY, **variables)

    def assert_was_killed(self, process, what: str):
        try:
            code = process.wait(timeout=20)
        except Exception:
            self.fail(f"{what} was not passed")
        self.assertEqual(code, -signal.SIGKILL, what + ": " + process.stderr.read())

    def work_until_it_dies(self, process):
        """Starts of all kinds, until nobody answers any more."""
        try:
            self.observer.server = Server(process)
        except AssertionError:
            return  # it died while it started
        observer = self.observer
        observer.begin_load(clients=2)
        observer.call("POST", "/api/workflows/kill-long/execute", {})
        for _ in range(60):
            if process.poll() is not None:
                break
            large = {"input": {"x": "x" * 200_000}}
            observer.call("POST", "/api/workflows/kill-large/execute", large)
            time.sleep(0.02)
        deadline = time.monotonic() + 5
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        observer.end_load()

    def come_back(self, what: str):
        self.service.next_life()
        self.observer.server = self.serve("--allow-private-addresses")
        self.observer.ask_again()
        self.assertEqual(self.observer.faults, [], what)
        self.stop()
        self.service.next_life()

    def check_all(self):
        self.observer.server = self.serve("--allow-private-addresses")
        self.observer.wait_for_rest()
        self.observer.check()
        print(self.observer.report(self.id()))
        self.assertEqual(self.observer.faults, [])
        self.stop()
        done = self.harmonia("verify", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_death_at_work(self):
        self.stop()
        for name, passes in AT_WORK.items():
            for nth in passes:
                what = f"{name}:{nth}"
                process = self.start_faulty(HARMONIA_TEST_CRASH=what)
                self.work_until_it_dies(process)
                self.assert_was_killed(process, what)
                self.come_back(what)
        self.check_all()

    def test_death_in_the_middle_of_a_write(self):
        self.stop()
        rules = self.folder / "rules"
        for rule in IN_A_WRITE:
            rules.write_text(rule + "\n")
            process = self.start_faulty(HARMONIA_TEST_DISK=str(rules))
            self.work_until_it_dies(process)
            self.assert_was_killed(process, rule)
            self.come_back(rule)
        self.check_all()

    def test_death_at_start_and_at_the_end(self):
        # Attempts that are under way whatever the machine does.
        self.service.answers_held.clear()
        request = {"method": "POST", "url": self.service.url + "/hold"}
        held = {"component": "http", "action": "request", "input": request}
        tasks = {"each": {"type": "map", "items": [1, 2, 3, 4], "do": {"work": held}}}
        self.observer.server.create({"name": "kill-held", "tasks": tasks})
        run = self.observer.start("kill-held", "held")
        paths = [f"{run}/each[{item}]/work" for item in range(4)]
        wait_until(lambda: all(map(self.service.count, paths)), "the attempts")
        for name in ("kill-ask", "kill-chain", "kill-retry"):
            self.observer.start(name, name)
        for name in ("kill-fan", "kill-chain", "kill-parent"):
            self.observer.start(name, "again-" + name)
        self.observer.server.kill()
        self.service.answers_held.set()
        self.service.next_life()
        for name in ("store.wal_emptied", "engine.recovering"):
            for nth in AT_START[name]:
                what = f"{name}:{nth}"
                process = self.start_faulty(HARMONIA_TEST_CRASH=what)
                self.assert_was_killed(process, what)
                self.service.next_life()
        for name, passes in AT_END.items():
            for nth in passes:
                what = f"{name}:{nth}"
                process = self.start_faulty(HARMONIA_TEST_CRASH=what)
                process.stdout.readline()
                process.send_signal(signal.SIGTERM)
                self.assert_was_killed(process, what)
                self.service.next_life()
        self.check_all()

    def test_death_in_a_migration(self):
        self.stop()
        newest = self.schema_version(self.data)
        fresh = self.folder / "fresh"
        for nth in AT_START["store.migrating"]:
            what = f"store.migrating:{nth}"
            arguments = ["serve", "--port", "0", "--data-dir", str(fresh)]
            process = self.start(*arguments, program=FAULTY, HARMONIA_TEST_CRASH=what)
            self.assert_was_killed(process, what)
            self.assertEqual(self.schema_version(fresh), 0, "all of it or nothing")
        process = self.start("serve", "--port", "0", "--data-dir", str(fresh))
        wait_until(process.stdout.readline, "the start")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=30), 0)
        self.assertEqual(self.schema_version(fresh), newest)

    @staticmethod
    def schema_version(folder) -> int:
        database = sqlite3.connect(folder / "harmonia.db")
        try:
            return database.execute("PRAGMA user_version").fetchone()[0]
        finally:
            database.close()

    def test_every_crash_point_has_a_test_and_users_have_none(self):
        self.stop()
        found = set()
        for folder, _, names in os.walk(ROOT / "src"):
            for name in names:
                if name.endswith((".cc", ".h")):
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        found |= set(re.findall(r'crash_point\("([^"]+)"\)', file.read()))
        self.assertEqual(found, AT_WORK.keys() | AT_START.keys() | AT_END.keys())
        # The program that users run neither reads the variables nor has the disk.
        process = self.start_serving(HARMONIA_TEST_CRASH="store.after_commit:1")
        self.observer.server = Server(process)
        self.assertIsNotNone(self.observer.start("kill-ask", "alive"))
        self.stop()


if __name__ == "__main__":
    unittest.main()
