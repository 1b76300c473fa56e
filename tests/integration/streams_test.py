#!/usr/bin/env python3
"""Live views over real sockets: WebSocket and server-sent events, also across a crash."""

import base64
import json
import os
import socket
import struct
import unittest
from urllib.parse import urlsplit

from harness import Case, Server

NAP = {
    "name": "nap",
    "tasks": {
        "nap": {"type": "wait", "duration": 0.5},
        "after": {"component": "noop", "depends_on": ["nap"]},
    },
}
WHOLE_RUN = [
    "workflow_started",
    "task_waiting",
    "task_completed",
    "task_started",
    "task_completed",
    "workflow_completed",
]
TEXT, CLOSE = 1, 8


class WebSocket:
    """As much of RFC 6455 as a test needs."""

    def __init__(self, server: Server, path: str):
        place = urlsplit(server.url)
        self.socket = socket.create_connection((place.hostname, place.port), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._read(1)
        self.status = int(head.split()[1])

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def receive(self) -> tuple[int, bytes]:
        first, length = self._read(2)
        if length == 126:
            (length,) = struct.unpack(">H", self._read(2))
        return first & 15, self._read(length)

    def message(self) -> dict:
        kind, text = self.receive()
        assert kind == TEXT, (kind, text)
        return json.loads(text)

    def send(self, message: dict):
        text, mask = json.dumps(message).encode(), os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(text))
        self.socket.sendall(bytes([0x80 | TEXT, 0x80 | len(text)]) + mask + masked)

    def close(self):
        self.socket.close()


class StreamsTest(Case):
    def connect(self, server: Server, path: str) -> WebSocket:
        connection = WebSocket(server, path)
        self.addCleanup(connection.close)
        return connection

    def events_until_end(self, connection: WebSocket) -> list[dict]:
        events = []
        while not events or events[-1]["event_type"] != WHOLE_RUN[-1]:
            events.append(connection.message())
        return events

    def test_a_web_socket_tells_a_run_from_its_start_to_its_end(self):
        server = self.serve()
        run = server.execute(server.create(NAP))
        connection = self.connect(server, f"/ws/executions/{run}?after=0")
        self.assertEqual(connection.status, 101)
        self.assertEqual(connection.message()["type"], "connected")
        events = self.events_until_end(connection)
        self.assertEqual([event["event_type"] for event in events], WHOLE_RUN)
        self.assertEqual([event["seq"] for event in events], [1, 2, 3, 4, 5, 6])
        connection.send({"type": "ping"})
        self.assertEqual(connection.message()["type"], "pong")
        connection.send({"type": "unsubscribe"})
        self.assertEqual(connection.message()["type"], "unsubscribed")
        self.assertEqual(connection.receive()[0], CLOSE)

    def test_a_stream_goes_on_behind_the_last_event_after_a_crash(self):
        server = self.serve()
        run = server.execute(server.create(NAP))
        first = self.connect(server, f"/ws/executions/{run}?after=0")
        first.message()
        last = [first.message(), first.message()][-1]["seq"]
        server.process.kill()
        server.process.wait()
        again = self.serve()
        second = self.connect(again, f"/ws/executions/{run}?after={last}")
        second.message()
        events = self.events_until_end(second)
        self.assertEqual([event["seq"] for event in events], [3, 4, 5, 6])

    def test_an_unknown_execution_is_refused_before_the_upgrade(self):
        server = self.serve()
        path = "/ws/executions/00000000-0000-7000-8000-000000000000"
        self.assertEqual(self.connect(server, path).status, 404)

    def test_changes_of_workflows_are_told(self):
        server = self.serve()
        connection = self.connect(server, "/ws/workflows")
        connection.message()
        workflow = server.create(NAP)
        self.assertEqual(server.call("PUT", f"/api/workflows/{workflow}", NAP)[0], 200)
        server.call("DELETE", f"/api/workflows/{workflow}")
        told = [connection.message() for _ in range(3)]
        self.assertEqual(
            [event["event_type"] for event in told],
            ["workflow_created", "workflow_updated", "workflow_deleted"],
        )
        self.assertEqual({event["workflow_id"] for event in told}, {workflow})

    def test_server_sent_events_carry_ids_and_end_with_the_run(self):
        server = self.serve()
        run = server.execute(server.create(NAP))
        place = urlsplit(server.url)
        connection = socket.create_connection((place.hostname, place.port), timeout=30)
        self.addCleanup(connection.close)
        connection.sendall(
            f"GET /events/executions/{run}?after=0 HTTP/1.1\r\nHost: {place.netloc}\r\n"
            "Accept: text/event-stream\r\nConnection: close\r\n\r\n".encode()
        )
        text = b""
        while part := connection.recv(65536):
            text += part
        lines = text.decode().splitlines()
        self.assertEqual([line for line in lines if line.startswith("id: ")],
                         [f"id: {seq}" for seq in range(1, 7)])
        names = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
        self.assertEqual([name for name in names if name in WHOLE_RUN], WHOLE_RUN)


if __name__ == "__main__":
    unittest.main()
