"""A service of another process, as a server under test sees it: what tasks do, they do to it."""

import json
import threading
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import wait_until


class EffectService:
    """Counts what it is asked to do, by idempotency key and by life of the server that asks."""

    def __init__(self):
        self.lock = threading.Lock()
        self.effects: dict[str, Counter] = defaultdict(Counter)  # key -> life -> count
        self.life = 0
        self.active = 0
        self.callbacks: dict[str, str] = {}  # run -> path of the address where it is called back
        self.holders: dict[str, str] = {}  # name of a lock -> run
        self.entered = 0
        self.faults: list[str] = []
        self.answers_held = threading.Event()  # whether /hold is answered
        self.answers_held.set()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self):
                with service.lock:
                    service.active += 1
                try:
                    super().handle()
                except OSError:
                    pass  # the server was killed
                finally:
                    with service.lock:
                        service.active -= 1

            def do_POST(self):
                text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                key = self.headers.get("Idempotency-Key", "")
                status = service.take(key, self.path, json.loads(text or b"null"))
                body = b"{}"
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Listener(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.listener.server_address[1]}"
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def take(self, key: str, path: str, body) -> int:
        if path == "/ping":
            return 200
        run = key.split("/", 1)[0]
        verb, _, name = path.strip("/").partition("/")
        with self.lock:
            self.effects[key][self.life] += 1
            count = sum(self.effects[key].values())
            if verb in ("enter", "leave"):
                self.pass_door(verb, name, run)
            if verb == "hook":
                # The server has another port in its next life.
                self.callbacks[run] = urllib.parse.urlsplit(body["callback"]).path
        if verb == "hold":
            self.answers_held.wait(timeout=60)
        refusals = int(name) if verb == "refuse" else 0
        return 503 if count <= refusals else 200

    def pass_door(self, verb: str, lock: str, run: str):
        """Who has entered and not left is alone; either may be repeated after a kill."""
        holder = self.holders.get(lock)
        if holder not in (None, run):
            self.faults.append(f"{run} is to {verb} {lock}, and {holder} is within")
        self.holders[lock] = run if verb == "enter" else None
        self.entered += verb == "enter"

    def count(self, key: str) -> int:
        with self.lock:
            return sum(self.effects[key].values())

    def next_life(self):
        """After the server was killed: counts what it had sent; later ones are of its next life."""
        # Connections are accepted in their order: when this one is answered, all before are known.
        with urllib.request.urlopen(self.url + "/ping", data=b"", timeout=30) as answer:
            answer.read()
        wait_until(lambda: self.active == 0, "the requests of the killed server")
        with self.lock:
            self.life += 1

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()
