"""Workloads inside the process, by the micro-benchmarks of the rooms."""
import json
import subprocess
import tempfile
from pathlib import Path

import report
import workflow_graphs
import server as servers

GRAPHS = report.ROOT / "tests" / "data" / "workflow_graphs"


def times_of(program, pattern):
    """{name: nanoseconds of one call} of a Google Benchmark program."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run([str(report.ROOT / "build" / "bench" / program),
                        f"--benchmark_out={out.name}", "--benchmark_out_format=json",
                        f"--benchmark_filter={pattern}"], capture_output=True, check=True)
        rows = json.loads(Path(out.name).read_text(encoding="utf-8"))["benchmarks"]
    scale = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
    return {row["name"]: row["cpu_time"] * scale[row["time_unit"]] for row in rows}


def expr():
    """Expressions: nanoseconds for a path, a comparison, filters over 1,000 objects."""
    return {f"{name}_ns": value for name, value in times_of("expr_bench", "^cel").items()}


def parse():
    """Definitions of up to 10,000 tasks: milliseconds to check and compile."""
    return {f"{name}_ms": value / 1e6 for name, value in times_of("workflow_bench", ".").items()}


def graph():
    """Graphs of real workflows, scaled to 3 s: how much longer than the critical path."""
    figures = {}
    with servers.running() as server:
        for path in sorted(GRAPHS.glob("*.json")):
            row = workflow_graphs.measure(server, path, 3.0)
            figures[f"{row['tasks']}_tasks_over_percent"] = row["over_percent"]
            figures[f"{row['tasks']}_tasks_ms_per_task"] = row["engine_ms_per_task"]
            if row["out_of_order"]:
                raise SystemExit(f"{path.stem}: {row['out_of_order']} tasks out of order")
    return figures
