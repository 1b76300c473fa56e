"""Workloads of the interface: requests per second, and news to many listeners."""
import json
import subprocess

import load
import server as servers

SECONDS = 5
DONE = {"name": "done", "tasks": {"a": {"component": "noop"}, "b": {
    "component": "noop", "depends_on": ["a"], "input": {"text": "hello"}}}}
LISTENING = {"name": "listening", "tasks": {"rest": {"type": "wait", "duration": "PT8H"}}}


def http():
    """GET /health, GET of a run, POST execute: 64 and 1,000 connections."""
    figures = {}
    with servers.running() as server:
        workflow = servers.data_of(server.must("POST", "/api/workflows", DONE))["id"]
        run = servers.data_of(server.must("POST", f"/api/workflows/{workflow}/execute?wait=10",
                                          {"input": {}}))["id"]
        requests = {"health": ("GET", "/health", None),
                    "execution": ("GET", f"/api/executions/{run}", None),
                    "execute": ("POST", f"/api/workflows/{workflow}/execute", '{"input":{}}')}
        for connections in (64, 1000):
            for name, (method, path, body) in requests.items():
                done = load.drive(server, path, method=method, body=body,
                                  connections=connections, seconds=SECONDS).expect_all_good()
                figures[f"{name}_{connections}_per_second"] = done.rate
                figures[f"{name}_{connections}_p99_ms"] = done.percentiles[99]
    return figures


def ws(count=10_000):
    """10,000 subscribers of one run: from the acknowledgement to the last of them."""
    with servers.running() as server:
        workflow = servers.data_of(server.must("POST", "/api/workflows", LISTENING))["id"]
        run = servers.data_of(server.must("POST", f"/api/workflows/{workflow}/execute",
                                          {"input": {}}))["id"]
        program = servers.ROOT / "build" / "bench" / "subscribers"
        figures = {}
        for subscribers in (1, 100, count):
            done = subprocess.run([str(program), str(server.port), run, "--count",
                                   str(subscribers)], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(done.stderr.strip())
            row = json.loads(done.stdout)
            figures[f"last_of_{subscribers}_ms"] = row["last_ms"]
        figures["memory_mib"] = server.memory_kib() / 1024
    return figures
