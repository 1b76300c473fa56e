"""An observer outside the server: it keeps its own record of what the server has acknowledged, of
what it has shown, and of the effects a service of another process has seen, and holds them against
what is there in the end."""

import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, deque
from dataclasses import dataclass, field

import kill_workflows
import people
from effect_service import EffectService
from harness import Server

ENDED = ("completed", "failed", "canceled")
# What a run may wait for without end: somebody outside who has not come.
NAMED_WAITERS = {"approval", "event", "callback", "incident"}


@dataclass
class Run:
    workflow: str
    first_life: int
    version: int = 0  # the highest seq that was shown
    # Path -> effects when it was shown as completed.
    completed: dict[str, int] = field(default_factory=dict)
    signals: set[str] = field(default_factory=set)  # acknowledged
    decided: bool = False
    canceled: bool = False
    key: str = ""  # it was started with
    paused: bool = False  # acknowledged, and nobody has asked for the resume
    pauses: int = 0  # requests to pause or resume
    called_back: int | None = None  # with which number, acknowledged
    resolved: tuple[str, int] | None = None  # what an operator chose, with which number


class Observer(people.People):
    """Drives a server with several clients, and remembers what it was told. Thread-safe.

    `service` is an EffectService or what counts effects like one. Workflows other than those of
    this file come with `follows` of their own; their tasks that wait for an approval are `ask`."""

    def __init__(self, service: EffectService, seed: int, workflows=None, follows=None):
        self.service = service
        self.seed = seed
        self.workflows: dict[str, dict] = workflows or kill_workflows.definitions(service.url)
        self.follows: dict[str, list] = kill_workflows.FOLLOWS if follows is None else follows
        self.server: Server | None = None
        self.lock = threading.Lock()
        self.runs: dict[str, Run] = {}
        self.unanswered: list[tuple[str, str]] = []  # starts without an answer: key, workflow
        self.numbers = Counter()
        self.faults: list[str] = []
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []
        self.clients = 0
        self.paused: deque[str] = deque()  # runs that are or may be paused
        self.published: set[str] = set()  # groups whose event was acknowledged

    def fail(self, text: str):
        with self.lock:
            self.faults.append(text)

    def define(self):
        for name, definition in self.workflows.items():
            answer = self.call("POST", "/api/workflows", {"name": name} | definition)
            assert answer and answer[0] == 201, answer

    # --- Talking to the server -----------------------------------------------------------------

    def call(self, method: str, path: str, body=None, key: str = ""):
        """Status and answer; None when there was none: what came of it is not known."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.server.url + path, data=data, method=method)
        request.add_header("Content-Type", "application/json")
        if key:
            request.add_header("Idempotency-Key", key)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            try:
                with error:
                    return error.code, json.loads(error.read() or b"null")
            except (OSError, ValueError):
                return None
        except (OSError, ValueError):
            return None  # refused, reset, or cut off in the middle
        except Exception as error:  # noqa: BLE001  http.client has a family of its own
            return None if "http.client" in type(error).__module__ else self.fail(repr(error))

    def start(self, workflow: str, key: str) -> str | None:
        self.numbers["starts sent"] += 1
        path = f"/api/workflows/{workflow}/execute"
        answer = self.call("POST", path, {"input": kill_workflows.input_of(key)}, key)
        if answer is None or answer[0] in (429, 503):
            with self.lock:
                self.unanswered.append((key, workflow))
            self.numbers["starts refused" if answer else "starts without an answer"] += 1
            return None
        status, body = answer
        if status not in (200, 202):
            self.fail(f"start {workflow}: {status} {body}")
            return None
        run = body.get("id") or body["execution_id"]
        with self.lock:
            self.runs.setdefault(run, Run(workflow, self.service.life, key=key))
        self.numbers["starts acknowledged"] += 1
        return run

    def signal(self, run: str, number: str, *_):
        answer = self.call("POST", f"/api/executions/{run}/signal", {"name": "go", "id": number})
        self.numbers["signals sent"] += 1
        if answer and answer[0] in (200, 202):
            self.numbers["signals acknowledged"] += 1
            self.runs[run].signals.add(number)

    def approve(self, run: str, *_):
        answer = self.call("POST", f"/api/approvals/{run}/ask/approve", {"decided_by": "ada"})
        if answer and answer[0] in (200, 202):
            self.numbers["approvals acknowledged"] += 1
            self.runs[run].decided = True

    def cancel(self, run: str):
        answer = self.call("POST", f"/api/executions/{run}/cancel", {"reason": "test"})
        if answer and answer[0] in (200, 202):
            self.numbers["cancels acknowledged"] += 1
            self.runs[run].canceled = True

    def history(self, run: str) -> list[dict] | None:
        answer = self.call("GET", f"/api/executions/{run}/history?limit=1000")
        if answer is None:
            return None
        status, body = answer
        if status != 200:
            self.fail(f"history of {run}: {status} {body}")
            return None
        return body["items"]

    def look(self, run: str):
        """What is shown now must be there for ever."""
        before = self.runs[run].version
        known = dict(self.runs[run].completed)
        paused, pauses = self.runs[run].paused, self.runs[run].pauses
        events = self.history(run)
        if events is None:
            return
        if paused and pauses == self.runs[run].pauses:
            self.check_paused(run, events)
        self.numbers["histories read"] += 1
        if len(events) < before:
            self.fail(f"{run}: {before} events were shown before, and now {len(events)}")
        completed = {e["task_id"] for e in events if e["event_type"] == "task_completed"}
        if lost := known.keys() - completed:
            self.fail(f"{run}: {lost} had completed, and have not any more")
        for path in completed - known.keys():
            self.runs[run].completed.setdefault(path, self.service.count(f"{run}/{path}"))
        self.runs[run].version = max(self.runs[run].version, len(events))

    # --- Load -----------------------------------------------------------------------------------

    def begin_load(self, clients: int = 3):
        self.stopping.clear()
        self.threads = []
        for _ in range(clients):
            self.clients += 1
            thread = threading.Thread(target=self.drive, args=(self.clients,))
            thread.start()
            self.threads.append(thread)

    def end_load(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def drive(self, client: int):
        dice = random.Random(f"{self.seed}/{client}")
        names = list(self.workflows)
        mine: list[str] = []
        number = 0
        while not self.stopping.is_set():
            number += 1
            choice = dice.random()
            if choice < 0.5 or not mine:
                run = self.start(dice.choice(names), f"{self.seed}-{client}-{number}")
                if run:
                    mine.append(run)
                else:
                    self.stopping.wait(0.05)  # dead, or its disk fails
                continue
            run = dice.choice(mine)
            workflow = self.runs[run].workflow
            action = ACTIONS.get(workflow)
            if choice < 0.53:
                # Who is canceled within a lock does not leave it, as the service sees it.
                self.look(run) if workflow == "kill-lock" else self.cancel(run)
            elif choice < 0.56:
                self.pause(run)
            elif choice < 0.62:
                self.resume_one()
            elif action and choice < 0.85:
                action(self, run, f"{client}-{number}", dice)
            else:
                self.look(run)

    def ask_again(self):
        """A repeat of a request without an answer has its effect once."""
        with self.lock:
            again, self.unanswered = self.unanswered, []
        for key, workflow in again:
            run = self.start(workflow, key)
            if run and self.start(workflow, key) != run:
                self.fail(f"key {key} has started two runs")

    # --- The end --------------------------------------------------------------------------------

    def wait_for_rest(self):
        """Until every run has ended or waits for somebody who is named."""
        self.resume_most()
        left = list(self.runs)
        # Many may stand in line for one lock: as long as some get on, the rest may wait.
        deadline = time.monotonic() + 60
        while left and time.monotonic() < deadline:
            before = len(left)
            left = [run for run in left if not self.is_settled(run)]
            if len(left) < before:
                deadline = time.monotonic() + 60
            time.sleep(0.05)
        for run in left[:5]:
            answer = self.call("GET", f"/api/executions/{run}")
            self.fail(f"{run} neither ends nor waits for anybody: {json.dumps(answer)[:2000]}")

    def is_settled(self, run: str) -> bool:
        answer = self.call("GET", f"/api/executions/{run}")
        if answer is None or answer[0] != 200:
            self.fail(f"{run} was acknowledged and is not there: {answer}")
            return True
        if answer[1]["status"] in ENDED:
            return True
        if answer[1]["status"] == "paused" and self.runs[run].paused:
            return True
        tasks = answer[1]["tasks"]
        waiters = {task.get("waits_for") for task in tasks if task["status"] == "waiting"}
        is_busy = any(task["status"] == "running" for task in tasks)
        return bool(waiters & NAMED_WAITERS) and not is_busy

    def check(self):
        """Everything that was told, against what is there. The server is idle."""
        for run, told in self.runs.items():
            self.look(run)
            self.check_run(run, told)
        for fault in getattr(self.service, "faults", []):
            self.fail(fault)
        if entered := getattr(self.service, "entered", 0):
            self.numbers["locks entered"] = entered

    def check_run(self, run: str, told: Run):
        status, body = self.call("GET", f"/api/executions/{run}")
        events = self.history(run) or []
        received = [e for e in events if e["event_type"] == "signal_received"]
        signals = {e["details"].get("id") for e in received}
        if lost := told.signals - signals:
            self.fail(f"{run}: the signals {lost} were acknowledged and are lost")
        if told.decided and "ask" not in told.completed and body["status"] != "canceled":
            self.fail(f"{run}: the decision was acknowledged and is lost")
        if told.canceled and body["status"] != "canceled":
            self.fail(f"{run}: the cancel was acknowledged, and it is {body['status']}")
        self.numbers[f"runs {body['status']}"] += 1
        self.check_people(run, told, body["status"], events)
        attempts = Counter(e["task_id"] for e in events if e["event_type"] == "task_started")
        for path, attempted in attempts.items():
            self.check_effects(run, path, attempted, told)
        for first, second in self.follows.get(told.workflow, []):
            before = self.service.effects.get(f"{run}/{first}")
            after = self.service.effects.get(f"{run}/{second}")
            if before and after and max(before) > min(after):
                self.fail(f"{run}: {second} in life {min(after)}, and {first} in {max(before)}")

    def check_effects(self, run: str, path: str, attempted: int, told: Run):
        lives = dict(self.service.effects[f"{run}/{path}"])
        total = sum(lives.values())
        if not total:
            if path in told.completed and self.has_effect(told, path):
                self.fail(f"{run}/{path} has completed without an effect")
            return
        self.numbers["effects"] += total
        self.numbers["effects repeated after a kill"] += max(0, total - attempted)
        if told.completed.get(path, total) != total:
            self.fail(f"{run}/{path}: {told.completed[path]} effects at its end, {total} later")
        # A life hands out each attempt once; only its last one begins again in the next.
        if total > attempted + len(lives) - 1:
            self.fail(f"{run}/{path}: {lives} effects by life, of {attempted} attempts")

    @staticmethod
    def has_effect(told: Run, path: str) -> bool:
        return kill_workflows.has_effect(told.workflow, path)

    def report(self, title: str) -> str:
        lines = [title] + [f"  {name:<32} {self.numbers[name]:>8}" for name in sorted(self.numbers)]
        return "\n".join(lines)


# What somebody does to a run of this workflow.
ACTIONS = {
    "kill-ask": Observer.approve,
    "kill-event": Observer.signal,
    "kill-broadcast": Observer.publish_to_group,
    "kill-hook": Observer.call_back,
    "kill-incident": Observer.resolve,
}
