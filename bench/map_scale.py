#!/usr/bin/env python3
"""A map over many items in one run: rate, memory, and what may happen in the middle of it.

    bench/map_scale.py [--items 100000] [--pause] [--crash] [--json]

Each item is a task of component noop. The server's memory is read twenty times a second: how much
it grows from a tenth of the items to nine tenths tells what an item costs that is done.
--pause  pauses the run at a third of the items; nothing may begin until it is resumed
--crash  kills the server at two thirds of the items (and while it is paused) and starts it again
"""
import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import server as servers  # noqa: E402


def definition():
    return {
        "name": "map_scale",
        "tasks": {
            "list": {"type": "set", "values": {"items": "${lists.range(input.count)}"}},
            "each": {
                "type": "map",
                "depends_on": ["list"],
                "items": "${tasks.list.output.items}",
                "max_concurrency": 200,
                "do": {"work": {"component": "noop", "input": {"item": "${item}"}}},
            },
        },
        "output": {"count": "${size(tasks.each.output)}",
                   "last": "${tasks.each.output[input.count - 1].item}"},
    }


class Measurement:
    """One run of the map, watched through the list of executions: that costs the server little."""

    def __init__(self, server, items):
        self.server = server
        self.items = items
        self.memory = []  # (items done, KiB)
        self.down = []  # seconds from each kill until it was ready
        self.paused = 0.0
        workflow = servers.data_of(server.must("POST", "/api/workflows", definition()))["id"]
        self.began = time.monotonic()
        started = servers.data_of(server.must(
            "POST", f"/api/workflows/{workflow}/execute", {"input": {"count": items}}))
        self.execution = started.get("execution_id") or started["id"]

    def look(self):
        page = servers.data_of(self.server.must("GET", "/api/executions?limit=1"))
        run = (page["items"] if isinstance(page, dict) else page)[0]
        done = run["task_counts"]["completed"]
        self.memory.append((done, self.server.memory_kib()))
        return run["status"], done

    def run_until(self, share):
        while True:
            status, done = self.look()
            if status != "running" or done >= self.items * share:
                return status
            time.sleep(0.05)

    def kill_and_start(self):
        self.server.stop("kill")
        at = time.monotonic()
        self.server.start()
        self.down.append(round(time.monotonic() - at, 3))

    def pause(self, crash):
        at = time.monotonic()
        self.server.must("POST", f"/api/executions/{self.execution}/pause")
        time.sleep(0.3)  # what runs may end
        _, before = self.look()
        if crash:
            self.kill_and_start()
        time.sleep(0.5)
        status, after = self.look()
        if (status, after) != ("paused", before):
            raise SystemExit(f"paused with {before} tasks done, then {status} with {after}")
        self.server.must("POST", f"/api/executions/{self.execution}/resume")
        self.paused += time.monotonic() - at

    def growth_kib(self):
        early = [kib for done, kib in self.memory if done <= self.items * 0.1] or [0]
        late = [kib for done, kib in self.memory if done >= self.items * 0.9] or [0]
        return max(late) - max(early)


def measure(arguments):
    with servers.running() as server:
        before = server.memory_kib()
        run = Measurement(server, arguments.items)
        if arguments.pause:
            run.run_until(1 / 3)
            run.pause(arguments.crash)
        if arguments.crash:
            run.run_until(2 / 3)
            run.kill_and_start()
        run.run_until(2)
        took = time.monotonic() - run.began - run.paused
        end = servers.data_of(server.must("GET", f"/api/executions/{run.execution}"))
    return {
        "items": arguments.items,
        "status": end["status"],
        "output": end["output"],
        "seconds": round(took, 2),
        "items_per_second": round(arguments.items / took),
        "memory_before_mib": round(before / 1024, 1),
        "memory_most_mib": round(max(kib for _, kib in run.memory) / 1024, 1),
        "growth_mib": round(run.growth_kib() / 1024, 1),
        "growth_bytes_an_item": round(run.growth_kib() * 1024 / (arguments.items * 0.8)),
        "ready_again_s": run.down,
        "events": end["version"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--pause", action="store_true")
    parser.add_argument("--crash", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    row = measure(arguments)
    print(json.dumps(row, indent=1) if arguments.json else
          "\n".join(f"{name:<22}{value}" for name, value in row.items()))
    output = {"count": arguments.items, "last": arguments.items - 1}
    if row["status"] != "completed" or row["output"] != output:
        raise SystemExit("the run did not end as it should")


if __name__ == "__main__":
    main()
