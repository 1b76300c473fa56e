"""Workload of visibility: how soon others see what was acknowledged."""
import contextlib
import subprocess
import time

import overload
import server as servers
import steps

GATE = {"name": "gate", "tasks": {"gate": {"type": "event", "event": "go"}}}
ROUNDS = 2000
UNDER_LOAD_S = 25


@contextlib.contextmanager
def loaded(server, rate):
    """Runs of ten tasks at this rate until the block ends."""
    definition = steps.chain(overload.STEPS)
    workflow = servers.data_of(server.must("POST", "/api/workflows", definition))["id"]
    command = [str(servers.ROOT / "build" / "bench" / "open_load"), str(server.port),
               f"/api/workflows/{workflow}/execute", "--rate", str(rate), "--warm", "0",
               "--seconds", "3600", "--waiting", "0", "--connections", "200"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    time.sleep(1)
    try:
        yield
        if process.poll() is not None:
            raise SystemExit("the load ended too early")
    finally:
        process.kill()
        process.wait()


def visible():
    """From an acknowledgement until GET and WebSocket show it, at rest and at half of capacity."""
    half = overload.capacity() / 2
    with servers.running() as server:
        workflow = servers.data_of(server.must("POST", "/api/workflows", GATE))["id"]
        rest = overload.program("visible", server.port, workflow, "--rounds", ROUNDS)
        with loaded(server, half):
            busy = overload.program("visible", server.port, workflow, "--rounds", ROUNDS // 2)
    figures = {f"rest_{name}": value for name, value in rest.items()}
    figures |= {f"loaded_{name}": value for name, value in busy.items()}
    return figures | {"load_runs_per_second": half}
