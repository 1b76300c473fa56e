"""Workload of growth: what a step costs in longer, wider, heavier and more runs.

One run at a time on a connection that stays open, each answered when it has ended: what is measured
is the cost of a step, not what the server sustains (see steps.py). CPU is that of the server, with
the requests; disk is what the store has grown by; memory is the most the process has had.
"""
import http.client
import json
import statistics
import time

import fleet
import load
import server as servers
import steps

LENGTHS = (10, 100, 1_000, 10_000, 100_000)
WIDTHS = (1, 10, 100, 1_000)
SIZES = (10, 1 << 10, 16 << 10, 64 << 10, 256 << 10)
ASLEEP = (100, 1_000, 10_000, 100_000, 300_000, 1_000_000)
STEPS = 5_000  # of a measurement, at least
CHAIN = 10  # steps of a run that carries a payload, or runs beside sleepers


def loop(length):
    """Steps one after the other: the definition is as small for many as for few."""
    return {"name": f"loop of {length}", "tasks": {"each": {
        "type": "loop", "times": length, "max_iterations": length,
        "do": {"step": {"component": "noop"}}}}}


def carrier():
    """Ten steps that hand on a text."""
    definition = steps.chain(CHAIN)
    for i in range(CHAIN):
        text = f"${{tasks.t{i - 1}.output.text}}" if i > 0 else "${input.text}"
        definition["tasks"][f"t{i}"]["input"] = {"text": text}
    return definition | {"name": "carrier"}


class Runs:
    """Runs of one workflow on a server, one after the other."""

    def __init__(self, server, definition):
        self.server = server
        workflow = servers.data_of(server.must("POST", "/api/workflows", definition))["id"]
        self.path = f"/api/workflows/{workflow}/execute?wait=300"
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)

    def run(self, text):
        began = time.monotonic()
        self.connection.request("POST", self.path, text, {"Content-Type": "application/json"})
        answer = json.loads(self.connection.getresponse().read())
        took = time.monotonic() - began
        if answer.get("status") != "completed":
            raise SystemExit(f"a run did not complete: {json.dumps(answer)[:500]}")
        return took

    def measure(self, runs, steps_per_run, payload=""):
        """Per step, of so many runs; where there are several, one before them is not counted."""
        text = json.dumps({"input": {"text": payload} if payload else {}})
        self.connection.close()  # the server may have done so; the next request opens it anew
        if runs > 1:
            self.run(text)
        cpu, disk = load.cpu_seconds_exact(self.server), store_size(self.server)
        took = [self.run(text) for _ in range(runs)]
        count = runs * steps_per_run
        return {"cpu_us_per_step": (load.cpu_seconds_exact(self.server) - cpu) / count * 1e6,
                "disk_bytes_per_step": (store_size(self.server) - disk) / count,
                "step_p50_ms": statistics.median(took) / steps_per_run * 1000,
                "memory_most_mib": load.memory_most_mib(self.server)}


def store_size(server):
    return servers.data_of(server.must("GET", "/status"))["store"]["size_bytes"]


def runs_for(steps_per_run):
    return max(1, -(-STEPS // steps_per_run))


def by_length():
    for length in LENGTHS:
        with servers.running() as server:
            yield length, Runs(server, loop(length)).measure(runs_for(length), length)


def by_width():
    for width in WIDTHS:
        with servers.running() as server:
            count = width + 2  # with the first and the one that joins
            yield width, Runs(server, steps.fan(width)).measure(runs_for(count), count)


def by_size():
    for size in SIZES:
        with servers.running() as server:
            runs = 200 if size < 64 << 10 else 40
            yield size, Runs(server, carrier()).measure(runs, CHAIN, "x" * size)


def by_live_runs():
    """One server, with more and more runs asleep; memory and disk are what each of them takes."""
    with servers.running() as server:
        probes = Runs(server, steps.chain(CHAIN))
        for count in ASLEEP:
            before = {"runs": fleet.count_of_runs(server), "memory": server.memory_kib() * 1024,
                      "disk": store_size(server)}
            put_to_sleep(server, count)
            time.sleep(1)
            more = fleet.count_of_runs(server) - before["runs"]
            each = {"memory_bytes_per_run": (server.memory_kib() * 1024 - before["memory"]) / more,
                    "disk_bytes_per_run": (store_size(server) - before["disk"]) / more}
            yield count, probes.measure(runs_for(CHAIN), CHAIN) | each


def put_to_sleep(server, count):
    """Until there are about so many runs."""
    if count > 1_000:
        fleet.start_runs(server, fleet.SLEEPER, count)
        return
    workflow = servers.data_of(server.must("POST", "/api/workflows", fleet.SLEEPER))["id"]
    for _ in range(count):
        server.must("POST", f"/api/workflows/{workflow}/execute", {"input": {}})


DIMENSIONS = {"length": by_length, "width": by_width, "size": by_size, "live": by_live_runs}


def growth():
    """CPU, disk, memory and time of a step in longer, wider, heavier and more runs."""
    return {f"{dimension}_{value}_{name}": figure
            for dimension, series in DIMENSIONS.items()
            for value, row in series() for name, figure in row.items()}
