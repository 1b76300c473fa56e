#!/usr/bin/env python3
"""Makes a workflow definition of a task graph.

The graph is JSON with `tasks: [{id, runtime_seconds, depends_on: [id]}]`, the form of
the public collections of scientific workflows. Each task becomes one that waits for its
runtime, scaled, so that running the definition shows what the engine adds to the order
and the times of a real graph.

    tools/import_graph.py graph.json --scale 0.01 > graph.workflow.json
    harmonia run graph.workflow.json
"""
import argparse
import json
import re
import sys


def task_ids(tasks):
    """Ids of the graph as ids of the language: letters, digits, _ and -, each once."""
    ids = {}
    taken = set()
    for task in tasks:
        name = re.sub(r"[^A-Za-z0-9_-]", "_", task["id"])
        name = name if re.match(r"[A-Za-z_]", name) else "t_" + name
        name = name[:120]
        unique = name
        count = 2
        while unique in taken:
            unique = f"{name}_{count}"
            count += 1
        taken.add(unique)
        ids[task["id"]] = unique
    return ids


def definition_of(graph, name, scale):
    tasks = graph["tasks"]
    ids = task_ids(tasks)
    made = {}
    for task in tasks:
        duration = round(max(0.0, float(task["runtime_seconds"])) * scale, 6)
        before = [ids[other] for other in dict.fromkeys(task.get("depends_on", []))]
        # A wait of no time is none.
        work = {"type": "wait", "duration": duration} if duration > 0 else {"type": "join"}
        made[ids[task["id"]]] = work | {"depends_on": before}
    return {
        "name": name,
        "description": f"{graph.get('source', 'a task graph')}, times scaled by {scale}",
        "output": {"tasks": len(made)},
        "tasks": made,
    }


def critical_path(definition):
    """Seconds of the longest chain of tasks."""
    tasks = definition["tasks"]
    ends = {}
    order = []
    seen = set()
    for start in tasks:
        stack = [(start, False)]
        while stack:
            task, done = stack.pop()
            if done:
                order.append(task)
            elif task not in seen:
                seen.add(task)
                stack.append((task, True))
                stack.extend((other, False) for other in tasks[task]["depends_on"])
    for task in order:
        begin = max((ends[other] for other in tasks[task]["depends_on"]), default=0.0)
        ends[task] = begin + tasks[task].get("duration", 0.0)
    return max(ends.values(), default=0.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", help="the graph, a JSON file")
    parser.add_argument("--name", help="of the workflow; default: the file's name")
    parser.add_argument("--scale", type=float, default=0.01,
                        help="seconds waited for one second of runtime (default 0.01)")
    arguments = parser.parse_args()
    with open(arguments.graph, encoding="utf-8") as file:
        graph = json.load(file)
    name = arguments.name or re.sub(r".*/|\.json$", "", arguments.graph)
    json.dump(definition_of(graph, name, arguments.scale), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
