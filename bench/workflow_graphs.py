#!/usr/bin/env python3
"""Runs the graphs of real workflows with scaled times.

    bench/workflow_graphs.py FOLDER [--seconds 3]

For each graph: tasks, whether the order was respected, the time of the run against that
of the critical path, and what the engine took for each task. Every event is on disk
before anything follows from it.
"""
import argparse
import datetime
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import import_graph  # noqa: E402
import server as servers  # noqa: E402

PAGE = 1000


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def read_events(server, execution):
    events = []
    while True:
        after = events[-1]["seq"] if events else 0
        page = servers.data_of(server.must(
            "GET", f"/api/executions/{execution}/history?after={after}&limit={PAGE}"))
        items = page["items"] if isinstance(page, dict) else page
        events += items
        if len(items) < PAGE:
            return events


def times_of(events):
    begins, ends = {}, {}
    for event in events:
        kind = event["event_type"]
        if kind == "task_waiting":
            begins[event["task_id"]] = seconds_of(event["timestamp"])
        elif kind == "task_completed":
            ends[event["task_id"]] = seconds_of(event["timestamp"])
            begins.setdefault(event["task_id"], ends[event["task_id"]])
    return begins, ends


def check_order(definition, begins, ends):
    wrong = 0
    for task, fields in definition["tasks"].items():
        for other in fields["depends_on"]:
            wrong += ends[other] > begins[task]
    return wrong


def measure(server, path, seconds):
    graph = json.loads(path.read_text(encoding="utf-8"))
    unscaled = import_graph.critical_path(import_graph.definition_of(graph, path.stem, 1.0))
    definition = import_graph.definition_of(graph, path.stem, seconds / unscaled)
    workflow = servers.data_of(server.must("POST", "/api/workflows", definition))["id"]
    started = servers.data_of(server.must("POST", f"/api/workflows/{workflow}/execute",
                                          {"input": {}}))
    execution = started.get("execution_id") or started["id"]
    run = servers.wait_for_end(server, execution)
    if run["status"] != "completed":
        raise SystemExit(f"{path.name}: the run {run['status']}: {run['error']}")
    begins, ends = times_of(read_events(server, execution))
    makespan = seconds_of(run["ended_at"]) - seconds_of(run["created_at"])
    critical = import_graph.critical_path(definition)
    tasks = len(definition["tasks"])
    return {
        "graph": path.stem,
        "tasks": tasks,
        "out_of_order": check_order(definition, begins, ends),
        "critical_path_s": round(critical, 4),
        "makespan_s": round(makespan, 4),
        "over_percent": round(100 * (makespan / critical - 1), 2) if critical else 0.0,
        "engine_ms_per_task": round(1000 * (makespan - critical) / tasks, 4),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=3.0,
                        help="length of the critical path of each graph, scaled to it")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with servers.running() as server:
        rows = [measure(server, path, arguments.seconds)
                for path in sorted(arguments.folder.glob("*.json"))]
    if arguments.json:
        print(json.dumps(rows, indent=1))
        return
    print(f"{'graph':<48}{'tasks':>6}{'wrong':>6}{'path s':>9}{'run s':>9}{'over':>8}"
          f"{'ms/task':>9}")
    for row in rows:
        print(f"{row['graph']:<48}{row['tasks']:>6}{row['out_of_order']:>6}"
              f"{row['critical_path_s']:>9.3f}{row['makespan_s']:>9.3f}"
              f"{row['over_percent']:>7.2f}%{row['engine_ms_per_task']:>9.3f}")


if __name__ == "__main__":
    main()
