#!/usr/bin/env python3
"""Draws what bench/soak.py measured: soak_page.py SOAK.JSON writes a page that needs no other file
(SOAK.html), and the pictures alone (SOAK.png)."""
import html
import io
import json
import sys
from pathlib import Path

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

MIB = 1024 * 1024
STYLE = """body { font: 15px sans-serif; margin: 2em auto; max-width: 1200px; color: #222 }
table { border-collapse: collapse; display: inline-table; vertical-align: top; margin: 0 2em 1em 0 }
td { padding: 1px 12px 1px 0 } td + td { text-align: right; font-variant-numeric: tabular-nums }
.good { color: #176d2b } .bad { color: #b00020 } svg { width: 100%; height: auto }"""


def show(value):
    if value is None or isinstance(value, (str, list, bool)):
        return "none" if value is None else str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


class Pictures:
    def __init__(self, soak):
        self.soak = soak
        self.samples = soak["samples"]
        self.series = soak["series"]
        self.figure, axes = plt.subplots(4, 2, figsize=(14, 15), sharex=True)
        self.axes = list(axes.flat)
        draw = [self.memory, self.disk, self.starts, self.lateness, self.throughput, self.errors,
                self.work, self.process]
        for axes, panel in zip(self.axes, draw):
            self.ax = axes
            panel()
            self.mark_kills()
            axes.set_ylim(bottom=None if axes.get_yscale() == "log" else 0)
            axes.grid(alpha=0.3)
            axes.legend(fontsize=8, loc="best")
        for axes in self.axes[-2:]:
            axes.set_xlabel("seconds since the beginning")
        self.figure.tight_layout()

    def mark_kills(self):
        """Where the server was killed; there are too many kills of workers for lines."""
        for number, at in enumerate(self.soak["kills"]["server"]):
            self.ax.axvline(at, color="#b00020", alpha=0.4, linewidth=0.8,
                            label="server killed" if number == 0 else None)

    def of_samples(self, name, label, scale=1.0):
        """A line with gaps where no server answered."""
        at, values = [], []
        for before, sample in zip([None, *self.samples], self.samples):
            if before and (before["life"] != sample["life"] or sample["at"] - before["at"] > 3):
                at.append(sample["at"])
                values.append(float("nan"))
            at.append(sample["at"])
            values.append(sample[name] / scale)
        self.ax.plot(at, values, label=label, linewidth=1.2)

    def moments(self, values):
        return [(i + 0.5) * self.series["width"] for i in range(len(values))]

    def of_series(self, values, label, **how):
        shown = [float("nan") if value is None else value for value in values]
        self.ax.plot(self.moments(values), shown, label=label, linewidth=1.2, **how)

    def memory(self):
        self.ax.set_title("memory of the server, MiB")
        self.of_samples("resident_kib", "resident", 1024)
        self.of_samples("anonymous_kib", "anonymous (what can leak)", 1024)
        growth = self.soak["memory"]
        if not growth:
            return
        warm = [s for s in self.samples if growth["from"] <= s["at"] <= growth["to"]]
        mean_at = sum(s["at"] for s in warm) / len(warm)
        mean = sum(s["anonymous_kib"] for s in warm) / len(warm) / 1024
        ends = [growth["from"], growth["to"]]
        line = [mean + (at - mean_at) * growth["mib_per_hour"] / 3600 for at in ends]
        self.ax.plot(ends, line, "k--", linewidth=1,
                     label=f"warm: {growth['mib_per_hour']:+.1f} MiB an hour, "
                           f"{growth['bytes_per_run']:+.0f} bytes a run")

    def disk(self):
        self.ax.set_title("files of the database, MiB")
        self.of_samples("database_bytes", "harmonia.db", MIB)
        self.of_samples("wal_bytes", "write-ahead log", MIB)

    def starts(self):
        self.ax.set_title("latency of starts, ms from when they were due")
        self.ax.set_yscale("log")
        for name in ("p50", "p99", "most"):
            self.of_series(self.series["start_ms"][name], name)
        self.of_series(self.series["sent_late_ms"]["p99"], "p99 of being sent late (this load)",
                       color="grey", linestyle=":")

    def lateness(self):
        self.ax.set_title("lag, ms")
        self.ax.set_yscale("log")
        for name, label in (("timer_late_ms", "timers fire late"),
                            ("attempt_waits_ms", "attempts wait")):
            for share in ("p50", "p99"):
                # A clock may show a timer as early as its own resolution; a log scale has no zero.
                values = [None if value is None else max(value, 0.01)
                          for value in self.series[name][share]]
                self.of_series(values, f"{label}, {share}")

    def throughput(self):
        self.ax.set_title("throughput, per second")
        self.ax.axhline(self.soak["arguments"]["rate"], color="grey", linestyle=":",
                        label="starts due")
        self.of_series(self.series["starts_per_second"]["acknowledged"], "starts acknowledged")
        ends = zip(*self.series["ends_per_second"].values())
        self.of_series([sum(each) for each in ends], "runs ended")

    def errors(self):
        self.ax.set_title("errors, per second")
        self.of_series(self.series["starts_per_second"]["refused"], "starts refused")
        self.of_series(self.series["starts_per_second"]["no answer"], "starts without an answer")
        self.of_series(self.series["failed_attempts_per_second"], "attempts failed, tried again")
        self.of_series(self.series["ends_per_second"]["failed"], "runs failed (some should)")

    def work(self):
        self.ax.set_title("what the server has to do")
        self.of_samples("live_runs", "runs in memory")
        self.of_samples("attempts_in_flight", "attempts in flight")
        self.of_samples("timers_armed", "timers armed")
        self.of_samples("mailbox_depth", "commands that wait")

    def process(self):
        self.ax.set_title("process of the server")
        self.of_samples("files", "open files")
        self.of_samples("threads", "threads")


def table(title, rows):
    lines = [f"<tr><td>{html.escape(name.replace('_', ' '))}</td>"
             f"<td>{html.escape(show(value))}</td></tr>" for name, value in rows.items()]
    return f"<table><caption><b>{title}</b></caption>{''.join(lines)}</table>"


def page(soak, picture):
    faults = soak["faults"]
    verdict = (f'<p class="bad"><b>{len(faults)} faults</b></p><ul>' +
               "".join(f"<li>{html.escape(fault)}</li>" for fault in faults[:50]) + "</ul>"
               if faults else '<p class="good"><b>No faults</b>: every run has ended or waits for '
               "somebody, nothing completed was done again.</p>")
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Soak</title>
<style>{STYLE}</style><h1>Soak of {html.escape(soak['revision'])}</h1>
<p>{html.escape(soak['at'])}, {html.escape(soak['machine']['cpu'])},
{soak['machine']['cores']} cores</p>{verdict}<p>harmonia verify: {html.escape(soak['verify'])}</p>
{picture}
{table("Asked for", soak["arguments"])}{table("Figures", soak["figures"])}
{table("Memory, once warm", soak["memory"])}{table("Seen by the observer", soak["numbers"])}
</html>
"""


def main():
    path = Path(sys.argv[1])
    soak = json.loads(path.read_text(encoding="utf-8"))
    pictures = Pictures(soak)
    text = io.StringIO()
    pictures.figure.savefig(text, format="svg")
    picture = text.getvalue()
    path.with_suffix(".html").write_text(page(soak, picture[picture.index("<svg"):]),
                                         encoding="utf-8")
    pictures.figure.savefig(path.with_suffix(".png"), dpi=70)


if __name__ == "__main__":
    main()
