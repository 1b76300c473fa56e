#!/usr/bin/env python3
"""A run with a million events: how it is loaded after a restart, and its history page by page.

    bench/long_history.py [--events 1000000] [--json]

A map makes the events; behind it the run waits for an hour, so that it is alive when the server is
killed and started again. Pages are read from the first to the last, 1,000 events each.
"""
import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import server as servers  # noqa: E402

EVENTS_AN_ITEM = 4  # of a map whose items are one task


def definition():
    return {
        "name": "long_history",
        "tasks": {
            "each": {
                "type": "map",
                "items": "${lists.range(input.count)}",
                "max_concurrency": 200,
                "do": {"work": {"component": "noop", "input": {"item": "${item}"}}},
            },
            "rest": {"type": "wait", "duration": "PT1H", "depends_on": ["each"]},
        },
    }


def timed(call):
    began = time.monotonic()
    answer = call()
    return time.monotonic() - began, answer


def read_pages(server, execution):
    """Seconds of each page, and how many events there were; numbered without a gap."""
    after, seconds = 0, []
    while True:
        took, answer = timed(lambda: server.must(
            "GET", f"/api/executions/{execution}/history?after={after}&limit=1000"))
        events = servers.data_of(answer)
        events = events["items"] if isinstance(events, dict) else events
        if not events:
            return seconds, after
        numbers = [event["seq"] for event in events]
        if numbers != list(range(after + 1, after + 1 + len(numbers))):
            raise SystemExit(f"the page behind event {after} has other events: {numbers[:3]} ...")
        seconds.append(took)
        after = numbers[-1]


def wait_for_rest(server, execution):
    while True:
        page = servers.data_of(server.must("GET", "/api/executions?limit=1"))
        run = (page["items"] if isinstance(page, dict) else page)[0]
        if run["task_counts"]["waiting"] == 1 and run["task_counts"]["running"] == 0:
            return
        if run["status"] != "running":
            raise SystemExit(f"the run {execution} is {run['status']}")
        time.sleep(0.1)


def measure(events):
    with servers.running() as server:
        workflow = servers.data_of(server.must("POST", "/api/workflows", definition()))["id"]
        started = servers.data_of(server.must(
            "POST", f"/api/workflows/{workflow}/execute",
            {"input": {"count": events // EVENTS_AN_ITEM}}))
        execution = started.get("execution_id") or started["id"]
        making, _ = timed(lambda: wait_for_rest(server, execution))
        server.stop("kill")
        ready, _ = timed(server.start)
        memory = server.memory_kib()
        load, _ = timed(lambda: server.must("GET", f"/api/executions/{execution}/tasks?limit=10"))
        pages, last = read_pages(server, execution)
        memory_after = server.memory_kib()
        cancel, _ = timed(lambda: server.must("POST", f"/api/executions/{execution}/cancel"))
    pages.sort()
    return {
        "events": last,
        "made_in_s": round(making, 2),
        "ready_again_s": round(ready, 3),
        "loaded_in_s": round(load, 3),
        "pages": len(pages),
        "page_p50_ms": round(pages[len(pages) // 2] * 1000, 2),
        "page_p99_ms": round(pages[len(pages) * 99 // 100] * 1000, 2),
        "page_most_ms": round(pages[-1] * 1000, 2),
        "first_command_s": round(cancel, 3),
        "memory_ready_mib": round(memory / 1024, 1),
        "memory_after_mib": round(memory_after / 1024, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    row = measure(arguments.events)
    print(json.dumps(row, indent=1) if arguments.json else
          "\n".join(f"{name:<22}{value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
