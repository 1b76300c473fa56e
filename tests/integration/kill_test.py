#!/usr/bin/env python3
"""kill -9 at random moments under load: an observer outside holds what was acknowledged, shown and
done against what is there in the end. KILL_ROUNDS sets how often (`make test-all`: 200), KILL_SEED
repeats the choices of a run."""

import json
import os
import random
import time
import unittest
from collections import Counter

from effect_service import EffectService
from harness import Case, wait_until
from outside import Observer, Run

ROUNDS = int(os.environ.get("KILL_ROUNDS", "10"))
STEPS = 6
PEOPLE_DID = (
    "effects repeated after a kill",
    "approvals acknowledged",
    "callbacks acknowledged",
    "events acknowledged",
    "incidents resolved",
    "locks entered",
    "pauses acknowledged",
    "resumes acknowledged",
    "signals acknowledged",
)


def chain(steps: int) -> dict:
    """Steps that follow each other; each appends `run step` to a file and takes a moment."""
    tasks = {}
    for step in range(steps):
        task = {
            "component": "script",
            "action": "run",
            "input": {
                "command": ["sh", "-c", 'echo "$RUN $STEP" >> "$MARK"; sleep 0.02'],
                "env": {"RUN": "${input.run}", "STEP": str(step), "MARK": "${input.mark}"},
            },
        }
        if step > 0:
            task["depends_on"] = [f"s{step - 1}"]
        if step == 2:
            task = {"type": "wait", "duration": 0.2, "depends_on": [f"s{step - 1}"]}
        tasks[f"s{step}"] = task
    return {"name": "chain", "tasks": tasks}


class ObserverTest(unittest.TestCase):
    """The observer notices what would be wrong."""

    def setUp(self):
        self.service = EffectService()
        self.addCleanup(self.service.close)
        self.observer = Observer(self.service, 1)

    def faults_of(self, told: Run, status: str, *events: tuple) -> list[str]:
        history = [
            {"event_type": kind, "task_id": task, "details": {"output": output, "id": "k"}}
            for kind, task, output in events
        ]
        self.observer.faults = []
        self.observer.check_people("r", told, status, history)
        return self.observer.faults

    def test_a_lock_that_two_hold_and_one_that_is_passed_on(self):
        for key, verb in (("a", "enter"), ("a", "enter"), ("a", "leave"), ("b", "enter")):
            self.service.take(key + "/t", f"/{verb}/l", None)
        self.assertEqual(self.service.faults, [])
        self.service.take("c/t", "/enter/l", None)
        self.assertEqual(self.service.faults, ["c is to enter l, and b is within"])

    def test_a_pause_that_is_lost_or_not_kept(self):
        paused, resumed = ("workflow_paused", None, None), ("workflow_resumed", None, None)
        began = ("task_started", "t", None)
        told = Run("kill-ask", 0, paused=True)
        self.assertEqual(self.faults_of(told, "paused", began, paused), [])
        self.assertIn("is running", self.faults_of(told, "running", began)[0])
        told.paused = False
        self.assertEqual(self.faults_of(told, "running", paused, resumed, began), [])
        self.assertIn("while it was paused", self.faults_of(told, "running", paused, began)[0])
        self.observer.check_paused("r", [{"event_type": "workflow_resumed"}])
        self.assertIn("was paused, and is not", self.observer.faults[-1])

    def test_an_event_that_is_lost_or_comes_twice(self):
        received = ("signal_received", None, None)
        told = Run("kill-broadcast", 0, key="g1", completed={"paid": 0})
        self.assertEqual(self.faults_of(told, "completed"), [])
        self.assertIn("2 times", self.faults_of(told, "completed", received, received)[0])
        self.observer.published.add("g")
        self.assertEqual(self.faults_of(told, "completed", received), [])
        self.assertIn("is lost", self.faults_of(told, "completed")[0])
        told.completed = {}
        self.assertIn("and waits", self.faults_of(told, "running", received)[0])

    def test_a_callback_that_is_lost_or_another(self):
        told = Run("kill-hook", 0, called_back=5)
        for number, faults in ((5, 0), (6, 1)):
            end = ("task_completed", "hook", {"callback": {"n": number}})
            self.assertEqual(len(self.faults_of(told, "completed", end)), faults)
        self.assertEqual(len(self.faults_of(told, "running")), 1)

    def test_an_incident_that_ends_otherwise(self):
        ends = {"retry": "task_completed", "skip": "task_skipped", "fail": "task_failed"}
        for action in ends:
            told = Run("kill-incident", 0, resolved=(action, 5))
            for other, end in ends.items():
                found = self.faults_of(told, "completed", (end, "pay", {"n": 4}))
                self.assertEqual(len(found), action != other)
        told.resolved = ("complete", 5)
        self.assertEqual(len(self.faults_of(told, "running", ("task_completed", "pay", {}))), 1)


class KillTest(Case):
    def test_nothing_acknowledged_is_lost_and_nothing_completed_is_done_again(self):
        seed = int(os.environ.get("KILL_SEED", str(time.time_ns() % 1_000_000)))
        dice = random.Random(seed)
        service = EffectService()
        self.addCleanup(service.close)
        observer = Observer(service, seed)
        observer.server = self.serve("--allow-private-addresses")
        observer.define()
        for _ in range(ROUNDS):
            observer.begin_load()
            time.sleep(dice.uniform(0.05, 0.8))
            observer.server.kill()
            observer.end_load()
            service.next_life()
            observer.numbers["kills"] += 1
            observer.server = self.serve("--allow-private-addresses")
            observer.ask_again()
            self.assertEqual(observer.faults, [], f"KILL_SEED={seed}")
        observer.wait_for_rest()
        observer.check()
        print(observer.report(f"{ROUNDS} rounds, KILL_SEED={seed}"))
        self.assertEqual(observer.faults, [], f"KILL_SEED={seed}")
        # It was a test only if something was in the way of the kills.
        self.assertGreater(observer.numbers["starts acknowledged"], ROUNDS)
        for what in PEOPLE_DID:
            self.assertGreater(observer.numbers[what], 0, what)
        self.assertEqual(observer.server.stop(), 0)
        done = self.harmonia("verify", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @staticmethod
    def effects(mark) -> Counter:
        if not mark.exists():
            return Counter()
        return Counter(tuple(line.split()) for line in mark.read_text().splitlines())

    def test_a_run_in_the_foreground_that_is_killed_again_and_again_ends_once(self):
        mark = self.folder / "mark"
        file = self.write("chain.json", json.dumps(chain(STEPS)))
        run_input = json.dumps({"run": "r", "mark": str(mark)})
        dice = random.Random(time.time_ns())
        arguments = ["run", file, "--data-dir", str(self.data), "--input", run_input]
        process = self.start(*arguments)
        wait_until(mark.exists, "the first step")
        for _ in range(4):
            time.sleep(dice.uniform(0.0, 0.15))
            process.kill()
            process.wait()
            process = self.start("run", "--resume", "--data-dir", str(self.data))
        self.assertEqual(process.wait(timeout=60), 0, process.stderr.read())
        effects = self.effects(mark)
        for step in (0, 1, 3, 4, 5):
            self.assertIn(effects[("r", str(step))], range(1, 6), step)
        # At most one step of a chain is in flight at a kill.
        self.assertLessEqual(sum(effects.values()), 5 + 4)
        done = self.harmonia("verify", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_acknowledged_start_survives_a_kill_right_after_it(self):
        server = self.serve("--enable-scripts")
        mark = str(self.folder / "mark")
        workflow = server.create(chain(2))
        run = server.execute(workflow, {"run": "r", "mark": mark})
        server.kill()
        server = self.serve("--enable-scripts")
        self.assertEqual(server.wait_for_end(run)["status"], "completed")

    def test_a_waiting_retry_survives_a_kill(self):
        server = self.serve("--enable-scripts")
        mark = self.folder / "mark"
        run = server.execute(server.create({"name": "retry", "tasks": {"a": {
            "component": "script", "action": "run",
            "retry_policy": {"max_retries": 1, "initial_delay": 1.5},
            "input": {"command": ["sh", "-c", f"echo x >> {mark}; test $(wc -l < {mark}) = 2"]},
        }}}))
        wait_until(lambda: server.execution(run)["tasks"][0]["status"] == "waiting", "the retry")
        server.kill()
        server = self.serve("--enable-scripts")
        ended = server.wait_for_end(run)
        self.assertEqual(ended["status"], "completed", ended)
        self.assertEqual(ended["tasks"][0]["attempt"], 2)
        self.assertEqual(mark.read_text(), "x\nx\n")


if __name__ == "__main__":
    unittest.main()
