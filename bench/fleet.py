"""Workloads of many runs at once: asleep, listed, taken up again after a crash."""
import collections
import contextlib
import http.server
import socketserver
import threading
import time
from datetime import datetime

import load
import server as servers

SLEEPER = {"name": "sleeper", "tags": ["asleep"],
           "tasks": {"rest": {"type": "wait", "duration": "PT8H"}}}
LISTS = {
    "newest": "limit=50",
    "running": "status=running&limit=50",
    "failed": "status=failed&limit=50",
    "tag": "tag=asleep&limit=50",
}


def count_of_runs(server):
    return servers.data_of(server.must("GET", "/status"))["store"]["executions"]


def start_runs(server, definition, count):
    """Starts at least so many and returns how many there are, and how many began each second."""
    workflow = servers.data_of(server.must("POST", "/api/workflows", definition))["id"]
    began = time.monotonic()
    with load.driving(server, f"/api/workflows/{workflow}/execute", body='{"input":{}}',
                      connections=256):
        while count_of_runs(server) < count:
            time.sleep(0.05)
        took = time.monotonic() - began
    time.sleep(0.5)
    runs = count_of_runs(server)
    return runs, runs / took


def kill_and_start(server):
    server.stop("kill")
    began = time.monotonic()
    server.start()
    return time.monotonic() - began


def asleep(count):
    with servers.running() as server:
        memory, disk = server.memory_kib(), load.folder_size(server.folder)
        runs, rate = start_runs(server, SLEEPER, count)
        time.sleep(2)
        figures = {
            "runs": runs,
            "starts_per_second": rate,
            "memory_bytes_per_run": (server.memory_kib() - memory) * 1024 / runs,
            "disk_bytes_per_run": (load.folder_size(server.folder) - disk) / runs,
        }
        figures["ready_after_kill_s"] = kill_and_start(server)
        figures["memory_bytes_per_run_after"] = (server.memory_kib() - memory) * 1024 / runs
    return figures


def sleepers():
    """100,000 runs asleep: how fast they start, what each costs."""
    return asleep(100_000)


def sleepers1m():
    """A million runs asleep."""
    return asleep(1_000_000)


def restart():
    """Kill -9 with 100,000 live runs: seconds until the server is ready."""
    figures = asleep(100_000)
    return {"runs": figures["runs"], "ready_s": figures["ready_after_kill_s"]}


def lists():
    """Filters over a million runs."""
    with servers.running() as server:
        start_runs(server, SLEEPER, 1_000_000)
        figures = {}
        for name, query in LISTS.items():
            done = load.drive(server, f"/api/executions?{query}", connections=1, seconds=3)
            done.expect_all_good()
            figures[f"{name}_p50_ms"] = done.percentiles[50]
            figures[f"{name}_p99_ms"] = done.percentiles[99]
    return figures


class CountingService:
    """Does the work of tasks: 50 ms each, counted by idempotency key."""

    def __init__(self):
        self.calls = collections.defaultdict(list)
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                service.calls[self.headers["Idempotency-Key"]].append(time.time())
                time.sleep(0.05)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 2048

            def handle_error(self, *_):
                pass  # callers are killed

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()


def worker_chain(port):
    tasks = {}
    for i in range(10):
        tasks[f"t{i}"] = {"component": "http", "action": "request", "input": {
            "method": "POST", "url": f"http://127.0.0.1:{port}/work", "body": {}}}
        if i > 0:
            tasks[f"t{i}"]["depends_on"] = [f"t{i - 1}"]
    return {"name": "worker chain", "tasks": tasks}


def ends_before(server, executions, moment):
    """Idempotency keys of the tasks whose end was on disk at this moment."""
    keys = set()
    for execution in executions:
        answer = server.must("GET", f"/api/executions/{execution}/history?limit=1000")
        for event in servers.data_of(answer)["items"]:
            at = datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00")).timestamp()
            if event["event_type"] == "task_completed" and at < moment:
                keys.add(f"{execution}/{event['task_id']}")
    return keys


def wait_for_none(server):
    while servers.data_of(server.must("GET", "/status"))["store"]["executions_active"] > 0:
        time.sleep(0.05)


def recover(runs=1000):
    """Kill -9 with 1,000 runs of ten 50 ms tasks in flight."""
    service = CountingService()
    with servers.running(allow_private_addresses=True) as server:
        definition = worker_chain(service.port)
        workflow = servers.data_of(server.must("POST", "/api/workflows", definition))["id"]
        executions = [servers.data_of(server.must(
            "POST", f"/api/workflows/{workflow}/execute", {"input": {}}))["id"]
            for _ in range(runs)]
        while sum(len(calls) for calls in list(service.calls.values())) < runs * 5:
            time.sleep(0.02)
        server.stop("kill")
        killed = time.time()
        began = time.monotonic()
        server.start()
        ready = time.monotonic() - began
        wait_for_none(server)
        done = time.monotonic() - began
        completed = ends_before(server, executions, killed)
        service.close()
    again = [key for key, calls in service.calls.items() if len(calls) > 1]
    wrong = [key for key in again if key in completed and service.calls[key][-1] > killed]
    if wrong:
        raise SystemExit(f"{len(wrong)} completed tasks were done again: {wrong[:3]}")
    return {"ready_s": ready, "all_done_s": done, "steps": runs * 10, "steps_again": len(again),
            "completed_done_again": len(wrong)}


