"""Workload of too much: an open loop offers more than the server can take."""
import base64
import json
import os
import socket
import subprocess
import time

import load
import server as servers
import steps

STEPS = 10
FACTORS = (0.25, 0.5, 1, 1.5, 2)
SECONDS = 8
KEPT = ("offered_per_second", "accepted_per_second", "refused_per_second", "accepted_p50_ms",
        "accepted_p99_ms", "ended_p50_ms", "ended_p99_ms", "refused_p99_ms", "memory_most_mib",
        "unsent")  # the last: planned, but no connection became free; then the load was not offered
WARM = 6  # not counted: what waits has grown to its bound by then


def program(name, *arguments, timeout=300):
    """What one of the programs of bench/*.cc printed."""
    command = [str(servers.ROOT / "build" / "bench" / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)
    if done.returncode != 0:
        raise SystemExit(done.stderr.strip() or f"{name} ended with {done.returncode}")
    return json.loads(done.stdout)


def capacity():
    """Runs per second that the server ends when 1,000 wait for theirs all the time."""
    return steps.measure(steps.chain(STEPS), STEPS, 1000)["steps_per_second"] / STEPS


def offer(rate):
    """A new server is offered so many runs a second."""
    with servers.running() as server:
        workflow = servers.data_of(server.must("POST", "/api/workflows", steps.chain(STEPS)))["id"]
        row = program("open_load", server.port, f"/api/workflows/{workflow}/execute", "--rate",
                      rate, "--seconds", SECONDS, "--warm", WARM)
        row["memory_most_mib"] = load.memory_most_mib(server)
    row["offered_per_second"] = row["offered"] / SECONDS
    row["accepted_per_second"] = row["accepted"] / SECONDS
    row["refused_per_second"] = row["refused"] / SECONDS
    return row


def overload():
    """Offered a quarter to twice what it takes: what is accepted, what refused, how late."""
    most = capacity()
    figures = {"capacity_per_second": most}
    for factor in FACTORS:
        row = offer(most * factor)
        if row["other"] or row["unanswered"] or row["refused_without_retry_after"]:
            raise SystemExit(f"at {factor} times the capacity: {json.dumps(row)}")
        figures |= {f"at_{factor}_{name}": row[name] for name in KEPT}
    # Of what it takes when it is offered just that.
    figures["throughput_kept"] = (figures[f"at_{FACTORS[-1]}_accepted_per_second"]
                                  / figures["at_1_accepted_per_second"])
    figures["refused_below_capacity"] = figures["at_0.5_refused_per_second"]
    return figures


SILENT = 300
SIGNALS = 2_000
LISTENING = {"name": "listening", "tasks": {"rest": {"type": "wait", "duration": "PT8H"}}}


def subscribe_and_be_silent(server, run):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", server.port))
    key = base64.b64encode(os.urandom(16)).decode()
    client.sendall(f"GET /ws/executions/{run} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
                   f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   f"Sec-WebSocket-Key: {key}\r\n\r\n".encode())
    if b" 101" not in client.recv(12):
        raise SystemExit("no WebSocket")
    return client


def silent():
    """300 subscribers of one run that read nothing while it gets 2,000 signals of 10 KB."""
    with servers.running() as server:
        workflow = servers.data_of(server.must("POST", "/api/workflows", LISTENING))["id"]
        run = servers.data_of(server.must("POST", f"/api/workflows/{workflow}/execute",
                                          {"input": {}}))["id"]
        clients = [subscribe_and_be_silent(server, run) for _ in range(SILENT)]
        before = server.memory_kib() / 1024
        signal = {"name": "news", "payload": {"text": "x" * 10_000}}
        took = []
        for _ in range(SIGNALS):
            began = time.monotonic()
            server.must("POST", f"/api/executions/{run}/signal", signal)
            took.append(time.monotonic() - began)
        time.sleep(7)  # those that are cut off have 5 s to take their last words
        figures = {"memory_before_mib": before,
                   "memory_most_mib": load.memory_most_mib(server),
                   "signal_p50_ms": sorted(took)[SIGNALS // 2] * 1000,
                   "signal_p99_ms": sorted(took)[SIGNALS * 99 // 100] * 1000,
                   "subscribers_left": streams_open(server)}
        for client in clients:
            client.close()
    return figures


def streams_open(server):
    return servers.data_of(server.must("GET", "/status"))["server"]["streams_open"]
