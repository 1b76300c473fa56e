#!/usr/bin/env python3
"""The real program on a disk that fails: it says so, refuses new work, goes on serving what can be
read, loses nothing it has acknowledged, and works again by itself. The faults are those of
tests/faults/install_faults.cc."""

import json
import os
import random
import time
import unittest
import urllib.error
import urllib.request

from effect_service import EffectService
from harness import FAULTY, Case, wait_until
from outside import Observer

ROUNDS = int(os.environ.get("DISK_ROUNDS", "6"))


class DiskTest(Case):
    def setUp(self):
        super().setUp()
        self.rules = self.folder / "rules"
        self.service = EffectService()
        self.addCleanup(self.service.close)

    def serve_on_faulty_disk(self):
        return self.serve(
            "--allow-private-addresses", program=FAULTY, HARMONIA_TEST_DISK=str(self.rules)
        )

    def break_disk(self, *rules: str):
        part = self.folder / "rules.part"
        part.write_text("".join(rule + "\n" for rule in rules))
        part.rename(self.rules)

    def mend_disk(self):
        self.rules.unlink(missing_ok=True)

    @staticmethod
    def health(server) -> dict:
        status, health = server.call("GET", "/health")
        assert status == 200, health
        return health

    def wait_for_health(self, server, status: str) -> dict:
        def has_come():
            health = self.health(server)
            return health if health["status"] == status else None

        return wait_until(has_come, f"status {status}")

    def metric(self, server, name: str) -> float:
        with urllib.request.urlopen(server.url + "/metrics", timeout=30) as answer:
            text = answer.read().decode()
        lines = [line for line in text.splitlines() if line.startswith(name + " ")]
        return float(lines[0].split()[1])

    def refused(self, server, workflow: str) -> dict:
        """The problem a start is refused with; checks that it says when to come again."""
        url = f"{server.url}/api/workflows/{workflow}/execute"
        request = urllib.request.Request(url, data=b"{}", method="POST")
        request.add_header("Content-Type", "application/json")
        with self.assertRaises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(request, timeout=30)
        with raised.exception as answer:
            self.assertEqual(answer.code, 503)
            self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
            problem = json.loads(answer.read())
        self.assertEqual(problem["code"], "storage")
        return problem

    def test_a_disk_that_fails_is_told_refuses_work_serves_reads_and_is_over_by_itself(self):
        kinds = {
            "sync wal io_error": "disk I/O error",
            "write wal full": "free some space",
            "write wal io_error": "disk I/O error",
            "write wal short_write": "free some space",
        }
        server = self.serve_on_faulty_disk()
        workflow = server.create({"name": "nap", "tasks": {"a": {"type": "wait", "duration": 0.3}}})
        acknowledged = []
        for rule, reason in kinds.items():
            with self.subTest(rule):
                run = server.execute(workflow)
                acknowledged.append(run)
                self.break_disk(rule)
                problem = self.refused(server, workflow)
                health = self.wait_for_health(server, "degraded")
                self.assertIn(reason, health["reason"])
                self.assertEqual(health["checks"][0]["status"], "failing")
                self.assertEqual(health["checks"][1]["status"], "ok")
                self.assertEqual(self.metric(server, "harmonia_store_writable"), 0)
                since = health["since"]
                # The timer of the run comes due meanwhile, and is kept.
                time.sleep(0.5)
                self.assertEqual(self.health(server)["since"], since, "it goes on")
                self.assertIn(reason, problem["detail"] + self.refused(server, workflow)["detail"])
                self.assertEqual(server.execution(run)["status"], "running")
                self.assertEqual(server.call("GET", f"/api/executions/{run}/history")[0], 200)
                self.assertEqual(server.call("GET", "/api/executions")[0], 200)
                self.mend_disk()
                health = self.wait_for_health(server, "healthy")
                self.assertNotIn("reason", health)
                self.assertEqual(server.wait_for_end(run)["status"], "completed")
        self.assertEqual(self.metric(server, "harmonia_store_faults_total"), len(kinds))
        self.assertEqual(self.metric(server, "harmonia_store_recoveries_total"), len(kinds))
        for run in acknowledged:
            self.assertEqual(server.wait_for_end(run)["status"], "completed")
        self.assertEqual(server.stop(), 0)
        done = self.harmonia("verify", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_start_that_was_refused_can_be_repeated_with_its_key_and_happens_once(self):
        server = self.serve_on_faulty_disk()
        observer = Observer(self.service, 1)
        observer.server = server
        server.create({"name": "one", "tasks": {"a": {"component": "noop"}}})
        self.break_disk("sync wal io_error count=1")
        self.assertIsNone(observer.start("one", "key"))
        run = wait_until(lambda: observer.start("one", "key"), "the repeat")
        self.assertEqual(observer.start("one", "key"), run)
        self.assertEqual(server.wait_for_end(run)["status"], "completed")
        self.assertEqual(len(server.call("GET", "/api/executions")[1]["items"]), 1)
        self.assertEqual(observer.faults, [])

    def test_a_server_killed_while_its_disk_fails_has_lost_nothing(self):
        server = self.serve_on_faulty_disk()
        workflow = server.create({"name": "nap", "tasks": {"a": {"type": "wait", "duration": 0.3}}})
        runs = [server.execute(workflow) for _ in range(5)]
        self.break_disk("sync any io_error")
        self.refused(server, workflow)
        server.kill()
        self.mend_disk()
        server = self.serve_on_faulty_disk()
        for run in runs:
            self.assertEqual(server.wait_for_end(run)["status"], "completed")

    def test_nothing_is_lost_or_repeated_under_load_on_a_failing_disk(self):
        seed = int(os.environ.get("KILL_SEED", str(time.time_ns() % 1_000_000)))
        dice = random.Random(seed)
        observer = Observer(self.service, seed)
        observer.server = self.serve_on_faulty_disk()
        observer.define()
        for _ in range(ROUNDS):
            observer.begin_load()
            time.sleep(dice.uniform(0.05, 0.3))
            call = dice.choice(["sync", "write", "truncate"])
            fault = dice.choice(["io_error", "full", "kill", "short_write"])
            file = dice.choice(["wal", "database", "any"])
            times = f"after={dice.randrange(40)} count={dice.randrange(1, 9)}"
            self.break_disk(f"{call} {file} {fault} {times}")
            time.sleep(dice.uniform(0.05, 0.6))
            observer.numbers[f"disk: {fault}"] += 1
            kills = observer.server.process.poll() is not None or dice.random() < 0.5
            if kills:
                observer.server.kill()
            self.mend_disk()
            observer.end_load()
            if kills:
                observer.numbers["kills"] += 1
                self.service.next_life()
                observer.server = self.serve_on_faulty_disk()
            self.wait_for_health(observer.server, "healthy")
            observer.ask_again()
            self.assertEqual(observer.faults, [], f"KILL_SEED={seed}")
        observer.wait_for_rest()
        observer.check()
        print(observer.report(f"{ROUNDS} rounds on a failing disk, KILL_SEED={seed}"))
        self.assertEqual(observer.faults, [], f"KILL_SEED={seed}")
        self.assertEqual(observer.server.stop(), 0)
        done = self.harmonia("verify", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
