"""Workloads that count durable steps: a task is done when its end and what follows are on disk."""
import json
import subprocess
import tempfile

import load
import server as servers

SECONDS = 6


def chain(length):
    tasks = {}
    for i in range(length):
        tasks[f"t{i}"] = {"component": "noop"}
        if i > 0:
            tasks[f"t{i}"]["depends_on"] = [f"t{i - 1}"]
    return {"name": f"chain of {length}", "tasks": tasks}


def fan(width):
    tasks = {"first": {"component": "noop"}}
    for i in range(width):
        tasks[f"t{i}"] = {"component": "noop", "depends_on": ["first"]}
    tasks["last"] = {"component": "noop", "depends_on": [f"t{i}" for i in range(width)]}
    return {"name": f"fan of {width}", "tasks": tasks}


def bare_loop(in_flight, *options):
    with tempfile.TemporaryDirectory(prefix="harmonia-bench-") as folder:
        command = [str(servers.ROOT / "build" / "bench" / "bare_loop"), folder, "--in-flight",
                   str(in_flight), "--seconds", str(SECONDS), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["steps_per_second"]


def measure(definition, steps_per_run, connections):
    with servers.running() as server:
        workflow = servers.data_of(server.must("POST", "/api/workflows", definition))["id"]
        path = f"/api/workflows/{workflow}/execute?wait=60"
        load.drive(server, path, method="POST", connections=connections, seconds=1)  # warm
        before = load.cpu_seconds(server)
        done = load.drive(server, path, method="POST", body='{"input":{}}',
                          connections=connections, seconds=SECONDS).expect_all_good()
        after = load.cpu_seconds(server)
        memory = server.memory_kib() / 1024
    steps = done.requests * steps_per_run
    cpu = sum(after) - sum(before)
    return {
        "steps_per_second": done.rate * steps_per_run,
        "cpu_us_per_step": cpu / steps * 1e6,
        "run_p50_ms": done.percentiles[50],
        "run_p99_ms": done.percentiles[99],
        "memory_mib": memory,
    }


def with_limit(figures, in_flight):
    """Beside the raw limit of the same disk, measured at once."""
    limit = bare_loop(in_flight)
    return figures | {
        "bare_loop_steps_per_second": limit,
        "append_fdatasync_steps_per_second": bare_loop(in_flight, "--log"),
        "share_of_bare_loop": figures["steps_per_second"] / limit,
    }


def seq10():
    """Ten no-op tasks in a row, 1,000 runs in flight; and with 64."""
    few = measure(chain(10), 10, 64)
    return with_limit(measure(chain(10), 10, 1000), 1000) | {
        "steps_per_second_64": few["steps_per_second"],
        "run_p99_ms_64": few["run_p99_ms"],
    }


def seq3():
    """Three no-op tasks in a row, 1,000 runs in flight; and with 64."""
    few = measure(chain(3), 3, 64)
    return with_limit(measure(chain(3), 3, 1000), 1000) | {
        "steps_per_second_64": few["steps_per_second"],
        "run_p99_ms_64": few["run_p99_ms"],
    }


def fan100():
    """One task, a hundred beside each other, one that joins them; 64 runs in flight."""
    return with_limit(measure(fan(100), 102, 64), 1000)


def one():
    """One task, one run at a time: from the request to the result."""
    figures = measure(chain(1), 1, 1)
    return {
        "p50_ms": figures["run_p50_ms"],
        "p99_ms": figures["run_p99_ms"],
        "runs_per_second": figures["steps_per_second"],
        "bare_loop_steps_per_second": bare_loop(1),
    }
