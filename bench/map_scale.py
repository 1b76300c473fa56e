#!/usr/bin/env python3
"""A map over many items in one run: rate, memory, and a crash in the middle.

    bench/map_scale.py [--items 100000] [--crash]

Each item is a task of component noop. The server's memory is read ten times a second;
with --crash it is killed when a third of the items is done, and started again.
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
        "output": {"count": "${size(tasks.each.output)}"},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--crash", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with servers.running() as server:
        workflow = servers.data_of(server.must("POST", "/api/workflows", definition()))["id"]
        before = server.memory_kib()
        began = time.monotonic()
        started = servers.data_of(server.must(
            "POST", f"/api/workflows/{workflow}/execute", {"input": {"count": arguments.items}}))
        execution = started.get("execution_id") or started["id"]
        memory, crashed, down = [], not arguments.crash, 0.0
        while True:
            run = servers.data_of(server.must("GET", f"/api/executions/{execution}"))
            memory.append(server.memory_kib())
            if run["status"] in ("completed", "failed", "canceled"):
                break
            if not crashed and run["task_counts"]["completed"] > arguments.items / 3:
                server.stop("kill")
                at = time.monotonic()
                server.start()
                down, crashed = time.monotonic() - at, True
            time.sleep(0.1)
        took = time.monotonic() - began
        run = servers.data_of(server.must("GET", f"/api/executions/{execution}"))
    row = {
        "items": arguments.items,
        "status": run["status"],
        "output": run["output"],
        "seconds": round(took, 2),
        "items_per_second": round(arguments.items / took),
        "memory_before_mib": round(before / 1024, 1),
        "memory_most_mib": round(max(memory) / 1024, 1),
        "memory_half_way_mib": round(memory[len(memory) // 2] / 1024, 1),
        "ready_again_s": round(down, 3),
        "events": run["version"],
    }
    print(json.dumps(row, indent=1) if arguments.json else
          "\n".join(f"{name:<22}{value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
