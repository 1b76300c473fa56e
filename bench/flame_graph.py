#!/usr/bin/env python3
"""Draws where a workload spends the server's processor time, as a flame graph (SVG).

    bench/flame_graph.py seq10 docs/images/flame_seq10.svg
    bench/flame_graph.py --list

The width of a box is its share of all samples; what it calls stands above it. The lowest row is the
thread. Needs `perf` (package linux-perf) and the right to use it: root, or a
kernel.perf_event_paranoid of at most 1.
"""
import argparse
import collections
import html
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import load  # noqa: E402
import server as servers  # noqa: E402
import steps  # noqa: E402

SECONDS = 8
ROW, WIDTH, FONT = 17, 1200, 11
LEAST = 0.3  # pixels: smaller boxes are left out
# Of templates and lambdas only what a reader needs.
NOISE = [(re.compile(pattern), text) for pattern, text in (
    (r"\(anonymous namespace\)::", ""), (r"\[abi:\w+\]", ""), (r"harmonia::", ""),
    (r"boost::asio::detail::", "asio::"), (r"std::__cxx11::", "std::"))]
COLOURS = (("sqlite3", "#7aa6da"), ("store::", "#7aa6da"), ("engine::", "#e8a35c"),
           ("execution::", "#e5c15c"), ("api::", "#9cc27a"), ("net::", "#7fbfb2"),
           ("asio::", "#7fbfb2"), ("tasks::", "#c79ad1"))
KERNEL, OTHER = "#b8b8b8", "#d98f85"


def runs(length, connections):
    def begin(server):
        workflow = servers.data_of(server.must("POST", "/api/workflows", steps.chain(length)))["id"]
        path = f"/api/workflows/{workflow}/execute?wait=60"
        return {"path": path, "method": "POST", "body": '{"input":{}}', "connections": connections}
    return begin


def one_run(server):
    how = runs(1, 1)(server)
    run = servers.data_of(server.must("POST", how["path"], {"input": {}}))["id"]
    return {"path": f"/api/executions/{run}", "connections": 64}


WORKLOADS = {
    "seq10": (runs(10, 1000), "ten no-op tasks in a row, 1,000 runs in flight"),
    "start": (runs(1, 64), "runs of one no-op task, 64 in flight"),
    "get": (one_run, "GET of a run with one task, 64 connections"),
}


def plain(name):
    name = re.sub(r"\+0x[0-9a-f]+$", "", name)
    for pattern, text in NOISE:
        name = pattern.sub(text, name)
    while True:
        shorter = re.sub(r"<[^<>]*>", "", name)
        if shorter == name:
            break
        name = shorter
    return re.sub(r"\(.*$", "", name).strip() or "?"


def record(server, how, folder):
    data = folder / "perf.data"
    load.drive(server, **how, seconds=1)  # warm
    driver = threading.Thread(target=lambda: load.drive(server, **how, seconds=SECONDS))
    driver.start()
    subprocess.run(["perf", "record", "--quiet", "-F", "399", "--call-graph", "dwarf,8192",
                    "-o", data, "-p", str(server.process.pid), "--", "sleep", str(SECONDS - 1)],
                   check=True, stderr=subprocess.DEVNULL)
    driver.join()
    return data


def read_samples(data):
    """{(thread, outermost, ..., innermost): samples}"""
    stacks = collections.Counter()
    script = subprocess.Popen(["perf", "script", "-i", data, "-F", "comm,ip,sym,dso"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    thread, frames = None, []
    for line in script.stdout:
        if not line.strip():
            if thread:
                stacks[(thread, *reversed(frames))] += 1
            thread, frames = None, []
        elif thread is None:
            thread = line.strip()
        else:
            parts = line.split(None, 1)
            name, _, module = parts[1].strip().rpartition(" (") if len(parts) > 1 else ("", "", "")
            where = "kernel" if "kernel" in module or "[k" in module else module.rstrip(")")
            if name == "[unknown]":
                name = f"[{Path(where).name}]"
            frames.append((plain(name), where == "kernel"))
    script.wait()
    return stacks


class Node:
    def __init__(self, is_kernel=False):
        self.samples = 0
        self.is_kernel = is_kernel
        self.children = {}


def fold(stacks):
    root = Node()
    for (thread, *frames), count in stacks.items():
        root.samples += count
        node = root.children.setdefault(thread, Node())
        node.samples += count
        before = None
        for name, is_kernel in frames:
            if name == before:  # of recursion and unknown frames one box
                continue
            before = name
            node = node.children.setdefault(name, Node(is_kernel))
            node.samples += count
    return root


def colour(name, node):
    if node.is_kernel:
        return KERNEL
    return next((found for part, found in COLOURS if part in name), OTHER)


def boxes(node, x, depth, scale, out):
    for name, child in sorted(node.children.items(), key=lambda item: -item[1].samples):
        width = child.samples * scale
        if width >= LEAST:
            out.append((x, depth, width, name, child))
            boxes(child, x, depth + 1, scale, out)
        x += width


def svg(root, title):
    found = []
    boxes(root, 0, 0, WIDTH / max(root.samples, 1), found)
    height = (max(depth for _, depth, *_ in found) + 3) * ROW
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             f'font-family="sans-serif" font-size="{FONT}">',
             f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
             f'<text x="6" y="14" font-size="13">{html.escape(title)}</text>']
    for x, depth, width, name, node in found:
        y = height - (depth + 1) * ROW
        share = f"{node.samples / root.samples:.1%}"
        lines.append(f'<g><title>{html.escape(name)}: {share}</title><rect x="{x:.1f}" y="{y}" '
                     f'width="{width:.1f}" height="{ROW - 1}" fill="{colour(name, node)}"/>')
        letters = int(width / FONT * 1.75) - 1
        if letters >= 3:
            text = name if len(name) <= letters else name[:letters - 1] + "…"
            lines.append(f'<text x="{x + 2:.1f}" y="{y + 12}">{html.escape(text)}</text>')
        lines.append("</g>")
    return "\n".join(lines + ["</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", nargs="?", choices=WORKLOADS)
    parser.add_argument("out", nargs="?", type=Path)
    parser.add_argument("--list", action="store_true", help="name the workloads and stop")
    arguments = parser.parse_args()
    if arguments.list or not arguments.workload or not arguments.out:
        for name, (_, what) in WORKLOADS.items():
            print(f"{name:<8}{what}")
        return
    begin, what = WORKLOADS[arguments.workload]
    with servers.running() as server, tempfile.TemporaryDirectory() as folder:
        data = record(server, begin(server), Path(folder))
        root = fold(read_samples(data))
    arguments.out.write_text(svg(root, f"Processor time of the server: {what}"), encoding="utf-8")
    print(f"{root.samples} samples: {arguments.out}")
    for thread, node in sorted(root.children.items(), key=lambda item: -item[1].samples):
        print(f"  {thread:<16}{node.samples / root.samples:.1%}")


if __name__ == "__main__":
    main()
