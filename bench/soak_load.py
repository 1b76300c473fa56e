"""The load of a soak: what is started, by whom, and what the observer outside says of it."""
import heapq
import http.client
import itertools
import json
import multiprocessing
import random
import sys
import threading
import time
from collections import Counter, deque
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "integration"))
from outside import ENDED, Observer  # noqa: E402

import soak_figures  # noqa: E402

# Of a hundred starts.
MIX = {"soak-chain": 42, "soak-call": 20, "soak-wait": 10, "soak-map": 8, "soak-retry": 8,
       "soak-undo": 4, "soak-ask": 3, "soak-signal": 2, "soak-event": 3}
LEFT_ALONE = 0.1  # of the approvals: nobody comes, these runs wait until the end
CANCELED = 0.1  # of the runs that wait
FOLLOWS = {
    "soak-call": [("call0", "call1"), ("call1", "call2")],
    "soak-map": [(f"each[{i}]/call", "call") for i in range(5)],
    "soak-retry": [("call0", "call1")],
    "soak-undo": [("call", "call.compensate")],
}
STARTERS = 32  # connections; more than these can't be under way


def definitions(service):
    """What calls the service is named call...: the observer tells by that what has effects."""

    def call(path="/work/5", **more):
        request = {"method": "POST", "url": service + path, "circuit_breaker": False}
        retry = {"max_retries": 10, "initial_delay": 0.1, "max_delay": 2}
        return {"component": "http", "action": "request", "input": request,
                "retry_policy": retry} | more

    chain = {f"step{i}": {"component": "noop", "input": {"number": i}} for i in range(5)}
    for i in range(1, 5):
        chain[f"step{i}"]["depends_on"] = [f"step{i - 1}"]
    each = {"type": "map", "items": [1, 2, 3, 4, 5], "do": {"call": call("/work/2")}}
    fail = {"type": "fail", "depends_on": ["call"], "error": {"code": "no", "message": "no"}}
    tasks = {
        "soak-chain": chain,
        "soak-call": {"call0": call(), "call1": call(depends_on=["call0"]),
                      "call2": call(depends_on=["call1"])},
        "soak-wait": {"rest": {"type": "wait", "duration": 1.5}, "call": call(depends_on=["rest"])},
        "soak-map": {"each": each, "call": call(depends_on=["each"])},
        "soak-retry": {"call0": call("/flaky/2"), "call1": call("/flaky/2", depends_on=["call0"])},
        "soak-undo": {"call": call(compensate=call()), "stop": fail},
        "soak-ask": {"ask": {"type": "approval", "title": "May it?"},
                     "call": call(depends_on=["ask"])},
        "soak-signal": {"go": {"type": "event", "event": "go"}, "call": call(depends_on=["go"])},
        "soak-event": {"paid": {"type": "event", "event": "paid", "correlation": "${input.key}"},
                       "call": call(depends_on=["paid"])},
    }
    schema = {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]}
    return {name: {"input_schema": schema, "tasks": tasks[name]} for name in tasks}


class SoakObserver(Observer):
    """The observer of the crash tests on connections that stay open."""

    def __init__(self, workers, seed):
        super().__init__(workers, seed, definitions(workers.url), FOLLOWS)
        self.local = threading.local()
        self.recent = deque(maxlen=5000)
        self.keys = {}  # run -> key of its start
        self.final = None  # at the end: the run that is looked at, and its history
        self.measured = soak_figures.Measured()

    def call(self, method, path, body=None, key=""):
        connection = self.connection()
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, headers)
            with connection.getresponse() as answer:
                self.local.status = answer.status
                return answer.status, json.loads(answer.read() or b"null")
        except (OSError, ValueError, http.client.HTTPException):
            connection.close()
            return None

    def connection(self):
        """Of this thread to this life of the server."""
        made_for, connection = getattr(self.local, "connection", (None, None))
        if made_for is not self.server.process:
            if connection:
                connection.close()
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
            self.local.connection = (self.server.process, connection)
        return connection

    def start(self, workflow, key):
        run = super().start(workflow, key)
        if run:
            self.keys[run] = key
            self.recent.append(run)
        return run

    def start_once(self, workflow, key):
        """The run, and `acknowledged`, `refused` or `no answer`."""
        self.local.status = None
        run = self.start(workflow, key)
        if run:
            return run, "acknowledged"
        return None, "refused" if self.local.status else "no answer"

    def is_over(self, run):
        answer = self.call("GET", f"/api/executions/{run}")
        return bool(answer) and answer[0] == 200 and answer[1]["status"] in ENDED

    @staticmethod
    def has_effect(told, path):
        return path.rsplit("/", 1)[-1].startswith("call")

    def history(self, run):
        if self.final is None:
            return super().history(run)
        if self.final[0] != run:
            self.final = (run, super().history(run))
        return self.final[1]

    def check_run(self, run, told):
        super().check_run(run, told)
        self.measured.take(run, self.history(run) or [], self.service.first_at)

    def publish(self, run, number):
        """The event that this run waits for, and no other."""
        told = self.runs[run]
        body = {"name": "paid", "id": number, "correlation": self.keys[run]}
        answer = self.call("POST", "/api/events", body)
        self.numbers["events sent"] += 1
        if answer and answer[0] == 200:
            self.numbers["events acknowledged"] += 1
            told.signals.add(number)

    def check_share(self, runs):
        """A share of the runs, in a process of its own."""
        self.local = threading.local()
        self.runs, self.numbers, self.faults = runs, Counter(), []
        self.final = ("", [])
        self.wait_for_rest()
        self.check()
        return self.faults, self.numbers, self.measured

    def check_all(self, processes):
        """Everything that was told, against what is there."""
        global checked
        with self.service.lock:
            self.service.read_log()
        every = list(self.runs.items())
        checked = (self, [dict(every[i::processes]) for i in range(processes)])
        # Forked: each finds what is known in its memory.
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            for faults, numbers, measured in pool.map(check_share, range(processes)):
                self.faults += faults
                self.numbers += numbers
                self.measured.add(measured)


checked = None  # observer and shares, for the processes that check


def check_share(number):
    observer, shares = checked
    return observer.check_share(shares[number])


class Load:
    """Starts at a fixed rate whatever is answered, and people who come to the runs that wait."""

    def __init__(self, observer, rate):
        self.observer = observer
        self.rate = rate
        self.numbers = itertools.count()  # next() of it is atomic
        self.began = 0.0
        self.stopping = threading.Event()
        # (due, sent, answered, outcome) in seconds since the beginning.
        self.starts = []
        self.visits = []  # heap of (when, number, action, run, tries left)
        self.visit_numbers = itertools.count()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.start_runs) for _ in range(STARTERS)]
        self.threads.append(threading.Thread(target=self.look_at_runs))
        self.people = [threading.Thread(target=self.visit_runs) for _ in range(2)]

    def begin(self):
        self.began = time.monotonic()
        for thread in self.threads + self.people:
            thread.start()

    def end(self):
        """No more starts; whoever is on the way to a run still comes."""
        self.stopping.set()
        for thread in self.threads + self.people:
            thread.join()

    def start_runs(self):
        names, weights = list(MIX), list(MIX.values())
        while not self.stopping.is_set():
            number = next(self.numbers)
            due = number / self.rate
            if self.stopping.wait(max(0.0, self.began + due - time.monotonic())):
                return
            dice = random.Random(f"{self.observer.seed}/{number}")
            workflow = dice.choices(names, weights)[0]
            sent = time.monotonic() - self.began
            key = f"{self.observer.seed}-{number}"
            run, outcome = self.observer.start_once(workflow, key)
            self.starts.append((due, sent, time.monotonic() - self.began, outcome))
            if run:
                self.plan_visit(workflow, run, dice)

    def plan_visit(self, workflow, run, dice):
        action = {"soak-ask": "approve", "soak-signal": "signal", "soak-event": "publish",
                  "soak-wait": "cancel"}.get(workflow)
        chance = dice.random()
        if action is None or (action == "approve" and chance < LEFT_ALONE) or (
                action == "cancel" and chance > CANCELED):
            return
        self.visit_at(time.monotonic() + dice.uniform(0.2, 1.2), action, run, 40)

    def visit_at(self, when, action, run, tries):
        with self.lock:
            heapq.heappush(self.visits, (when, next(self.visit_numbers), action, run, tries))

    def next_visit(self):
        with self.lock:
            if self.visits and self.visits[0][0] <= time.monotonic():
                return heapq.heappop(self.visits)
        return None

    def visit_runs(self):
        while not self.stopping.is_set() or self.visits:
            visit = self.next_visit()
            if visit is None:
                time.sleep(0.01)
                continue
            _, number, action, run, tries = visit
            if not self.visit(action, run) and tries > 0:
                self.visit_at(time.monotonic() + 0.5, action, run, tries - 1)

    def visit(self, action, run):
        """Whether nobody has to come again. A repeat has the id of the first visit."""
        told = self.observer.runs[run]
        if action == "approve":
            self.observer.approve(run)
            return told.decided
        if action == "cancel":
            self.observer.cancel(run)
            return told.canceled or self.observer.is_over(run)
        getattr(self.observer, action)(run, f"{action}-{run}")
        return bool(told.signals)

    def look_at_runs(self):
        dice = random.Random(self.observer.seed)
        while not self.stopping.wait(0.05):
            if self.observer.recent:
                self.observer.look(dice.choice(self.observer.recent))
