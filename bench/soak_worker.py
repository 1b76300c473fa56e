#!/usr/bin/env python3
"""The service that the tasks of a soak call: processes that may be killed at any moment.

As a program it is one worker: `soak_worker.py PORT LOG`. All workers accept on the same port, so
that one that is killed is like an instance behind a load balancer. Before a worker answers, it
appends a line to LOG: what has been done outlives whoever did it.
"""
import asyncio
import contextlib
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

ESTABLISHED, CLOSE_WAIT = "01", "08"  # of /proc/net/tcp


class Exchange(asyncio.Protocol):
    """POST /work/MS answers 200 after so many milliseconds; /flaky/MS one time in three 503."""

    def __init__(self, log):
        self.log = log
        self.received = b""
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.received += data
        head, found, rest = self.received.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(": ") for line in lines[1:])
        headers = {name.lower(): text for name, _, text in pairs}
        size = int(headers.get("content-length", 0))
        if len(rest) < size:
            return
        self.received = rest[size:]
        self.take(lines[0].split(" ")[1], headers.get("idempotency-key", ""))

    def take(self, path, key):
        _, kind, delay = path.split("/")
        status = "503 Busy" if kind == "flaky" and random.random() < 1 / 3 else "200 OK"
        os.write(self.log, f"{key} {time.time():.6f}\n".encode())
        answer = (f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
                  "Content-Length: 2\r\n\r\n{}").encode()
        asyncio.get_running_loop().call_later(int(delay) / 1000, self.transport.write, answer)


async def serve(port, log):
    listener = await asyncio.get_running_loop().create_server(
        lambda: Exchange(log), "127.0.0.1", port, reuse_port=True, backlog=1024)
    await listener.serve_forever()


class Workers:
    """Some workers, and what they have done; in place of `outside.EffectService`."""

    def __init__(self, folder, count):
        self.log = Path(folder) / "effects"
        self.log.touch()
        self.reader = open(self.log, "rb")  # noqa: SIM115  lives as long as this
        self.rest = b""
        self.lock = threading.Lock()
        self.effects = defaultdict(Counter)  # key -> life of the server -> count
        self.done = 0
        self.first_at = {}  # key -> when it was asked first, in seconds since 1970
        self.life = 0
        # Bound and never listening: keeps the port while no worker lives.
        self.place = socket.socket()
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.place.bind(("127.0.0.1", 0))
        self.port = self.place.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes = [self.spawn() for _ in range(count)]
        self.wait_until_reached()

    def spawn(self):
        return subprocess.Popen([sys.executable, __file__, str(self.port), str(self.log)],
                                stdin=subprocess.DEVNULL)

    def wait_until_reached(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            time.sleep(0.02)
        raise SystemExit("the workers do not answer")

    def kill(self, numbers):
        """kill -9 of these at the same moment; others take their place."""
        for i in numbers:
            self.processes[i].kill()
        for i in numbers:
            self.processes[i].wait()
            self.processes[i] = self.spawn()

    def read_log(self):
        """Takes in what was done since. Under the lock."""
        *lines, self.rest = (self.rest + self.reader.read()).split(b"\n")
        for line in lines:
            key, at = line.decode().split(" ")
            self.effects[key][self.life] += 1
            self.done += 1
            self.first_at.setdefault(key, float(at))

    def count(self, key):
        with self.lock:
            self.read_log()
            return sum(self.effects[key].values()) if key in self.effects else 0

    def total(self):
        with self.lock:
            self.read_log()
            return self.done

    def connections(self):
        """How many connections of others to the workers are open, accepted or not."""
        mine = f":{self.port:04X}"
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[1].endswith(mine) and row[3] in (ESTABLISHED, CLOSE_WAIT) for row in rows)

    def next_life(self):
        """After the server was killed: what comes from now on is of its next life."""
        deadline = time.monotonic() + 30
        while self.connections() > 0:
            if time.monotonic() > deadline:
                raise SystemExit("connections of the killed server stay open")
            time.sleep(0.01)
        time.sleep(0.1)  # a request that was read with the end of its connection is in the log now
        with self.lock:
            self.read_log()
            self.life += 1

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()
        self.reader.close()
        self.place.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(int(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)))
