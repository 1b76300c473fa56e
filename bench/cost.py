"""Where a step's processor time and bytes go: by thread, by table."""
import collections
import sqlite3
from pathlib import Path

import load
import server as servers
import steps

CONNECTIONS = 1000
LENGTH = 10
SECONDS = 6


def cpu_by_thread(server):
    """{(thread, "user" or "kernel"): seconds}; threads of one name together."""
    used = collections.Counter()
    for task in Path(f"/proc/{server.process.pid}/task").iterdir():
        name, fields = (task / "stat").read_text(encoding="utf-8").split("(", 1)[1].rsplit(")", 1)
        user, kernel = fields.split()[11:13]
        used[name, "user"] += int(user) / load.TICKS
        used[name, "kernel"] += int(kernel) / load.TICKS
    return used


def written_bytes(server):
    """What the process gave the disk to write, so WAL and copying it into the database."""
    text = Path(f"/proc/{server.process.pid}/io").read_text(encoding="utf-8")
    return int(text.split("\nwrite_bytes:")[1].split()[0])


def bytes_by_table(folder):
    with sqlite3.connect(f"file:{folder}/harmonia.db?mode=ro", uri=True) as database:
        return dict(database.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))


def cost():
    """Where a step's microseconds and bytes go: ten tasks in a row, 1,000 runs in flight."""
    with servers.running() as server:
        workflow = servers.data_of(server.must("POST", "/api/workflows",
                                               steps.chain(LENGTH)))["id"]
        how = {"path": f"/api/workflows/{workflow}/execute?wait=60", "method": "POST",
               "body": '{"input":{}}', "connections": CONNECTIONS}
        warm = load.drive(server, **how, seconds=1)
        before, written = cpu_by_thread(server), written_bytes(server)
        done = load.drive(server, **how, seconds=SECONDS).expect_all_good()
        after, written = cpu_by_thread(server), written_bytes(server) - written
        server.stop()  # in peace, which copies the WAL
        tables = bytes_by_table(server.folder)
        server.start()
    count = done.requests * LENGTH
    figures = {"steps": count}
    for name, mode in sorted(after):
        used = (after[name, mode] - before[name, mode]) / count * 1e6
        if used >= 0.01:
            figures[f"us_{name.replace(' ', '_')}_{mode}"] = used
    figures["written_bytes_per_step"] = written / count
    all_steps = (done.requests + warm.requests) * LENGTH
    for name, size in sorted(tables.items(), key=lambda item: -item[1]):
        if size / all_steps >= 0.5:
            figures[f"bytes_{name}"] = size / all_steps
    return figures
