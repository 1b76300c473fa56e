#!/usr/bin/env python3
"""kill -9 at random moments with runs in flight: what was acknowledged ends, and what was completed
is not done again. Every step appends a line to a file, so that effects can be counted."""

import json
import os
import random
import time
import unittest
from collections import Counter

from harness import Case, wait_until

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))
RUNS = 8
STEPS = 6


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


class KillTest(Case):
    def test_runs_of_a_killed_server_end_and_completed_tasks_are_not_repeated(self):
        seed = int(os.environ.get("KILL_SEED", str(time.time_ns() % 1_000_000)))
        print(f"KILL_SEED={seed}")
        dice = random.Random(seed)
        mark = self.folder / "mark"
        server = self.serve("--enable-scripts")
        workflow = server.create(chain(STEPS))
        runs = {}
        final = {}  # effects of the steps whose completion was told: they may not grow any more
        for round_number in range(ROUNDS):
            for number in range(RUNS):
                name = f"{round_number}-{number}"
                runs[name] = server.execute(workflow, {"run": name, "mark": str(mark)})
            time.sleep(dice.uniform(0.1, 0.6))
            completed = self.completed_steps(server, runs)
            effects = self.effects(mark)
            for step in completed:
                final.setdefault(step, effects[step])
            server.kill()
            server = self.serve("--enable-scripts")
        for name, run in runs.items():
            ended = server.wait_for_end(run)
            self.assertEqual(ended["status"], "completed", (name, ended))
        effects = self.effects(mark)
        for step, count in final.items():
            self.assertEqual(effects[step], count, step)
        for name in runs:
            for step in (0, 1, 3, 4, 5):
                # Once, and once more for every kill that met it in flight.
                self.assertIn(effects[(name, str(step))], range(1, 2 + ROUNDS), (name, step))
        repeated = sum(effects.values()) - len(effects)
        self.assertLessEqual(repeated, ROUNDS * ROUNDS * RUNS)
        self.assertGreater(len(final), 0)
        self.assertEqual(server.stop(), 0)
        done = self.harmonia("verify", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @staticmethod
    def effects(mark) -> Counter:
        if not mark.exists():
            return Counter()
        return Counter(tuple(line.split()) for line in mark.read_text().splitlines())

    @staticmethod
    def completed_steps(server, runs) -> set[tuple[str, str]]:
        """Steps whose completion the server has told, so it must be on disk."""
        told = set()
        for name, run in runs.items():
            for task in server.execution(run)["tasks"]:
                if task["status"] == "completed" and task["component"] == "script":
                    told.add((name, task["task_id"][1:]))
        return told

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
