"""Tables of figures in a page of the documentation: they stand between `<!-- figures NAME -->` and
`<!-- end NAME -->`, and are written anew when NAME was measured."""
import pictures
import report

GROWTH = (("length", "steps in one run, one after the other"), ("width", "parallel tasks of a run"),
          ("size", "bytes that each step hands on"), ("live", "runs asleep beside"))


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"


def table(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def overload(figures):
    rows = []
    for load in pictures.factors(figures):
        def at(name, load=load):
            return number(figures[f"at_{load}_{name}"])
        rows.append([f"{load} ({at('offered_per_second')}/s)", at("accepted_per_second"),
                     at("refused_per_second"),
                     f"{at('accepted_p50_ms')}, {at('accepted_p99_ms')} ms",
                     f"{at('ended_p50_ms')}, {at('ended_p99_ms')} ms",
                     f"{at('memory_most_mib')} MiB"])
    return table(["offered, times the capacity", "accepted/s", "refused/s",
                  "acknowledged: p50, p99", "run ended: p50, p99", "memory at most"], rows)


def silent(figures):
    return table(["memory before", "memory at most", "signal acknowledged: p50, p99"],
                 [[f"{number(figures['memory_before_mib'])} MiB",
                   f"{number(figures['memory_most_mib'])} MiB",
                   f"{number(figures['signal_p50_ms'])}, {number(figures['signal_p99_ms'])} ms"]])


def growth(figures):
    rows = []
    for dimension, label in GROWTH:
        for name, _ in pictures.series_of(figures, dimension, "cpu_us_per_step"):
            def at(figure, place=f"{dimension}_{name}"):
                return number(figures[f"{place}_{figure}"])
            rows.append([f"{name:,} {label}", f"{at('cpu_us_per_step')} µs",
                         f"{at('step_p50_ms')} ms", f"{at('disk_bytes_per_step')} bytes",
                         f"{at('memory_most_mib')} MiB"])
    return table(["", "CPU a step", "time a step, p50", "disk a step", "memory at most"], rows)


def sleepers(figures):
    """What each of the runs costs by which there are more than in the row before."""
    rows = [[f"{count:,}", f"{number(value)} bytes" if value >= 1 else "less than a byte",
             f"{number(figures[f'live_{count}_disk_bytes_per_run'])} bytes"]
            for count, value in pictures.series_of(figures, "live", "memory_bytes_per_run")]
    return table(["runs asleep", "memory of each further one", "disk"], rows)


def visible(figures):
    rows = [[label, *(number(figures[f"{load}_{name}_{share}_ms"])
                      for load in ("rest", "loaded") for share in ("p50", "p99"))]
            for name, label in (("start_api", "of a start until GET has shown the run"),
                                ("start_stream", "until a WebSocket opened then has brought it"),
                                ("end_api", "of the end until GET has shown it"),
                                ("end_stream", "until the WebSocket has brought it"),
                                ("write", "for scale: from the start to its acknowledgement"))]
    return table(["from the acknowledgement, ms", "at rest: p50", "p99",
                  "at half of capacity: p50", "p99"], rows)


def cost(figures):
    """By thread, in microseconds of a step."""
    names = sorted({name.rsplit("_", 1)[0] for name in figures if name.startswith("us_")},
                   key=lambda name: -figures.get(f"{name}_user", 0))
    rows = []
    for name in names:
        parts = [figures.get(f"{name}_{mode}", 0) for mode in ("user", "kernel")]
        rows.append([name.removeprefix("us_").replace("_", " "), *(f"{part:.2f}" for part in parts),
                     f"{sum(parts):.2f}"])
    sums = [sum(value for name, value in figures.items() if name.endswith(f"_{mode}"))
            for mode in ("user", "kernel")]
    rows.append(["all", *(f"{one:.2f}" for one in sums), f"{sum(sums):.2f}"])
    return table(["thread", "program", "kernel", "µs a step"], rows)


def disk(figures):
    rows = [[f"`{name.removeprefix('bytes_')}`", f"{value:.1f}"] for name, value in figures.items()
            if name.startswith("bytes_")]
    rows.append(["written in all, WAL and database",
                 f"{figures['written_bytes_per_step']:.0f}"])
    return table(["table or index", "bytes a step"], rows)


def http(figures):
    rows = [[label, *(f"{figures[f'{name}_{connections}_per_second']:,.0f}/s, "
                      f"{number(figures[f'{name}_{connections}_p99_ms'])} ms"
                      for connections in (64, 1000))]
            for name, label in (("health", "`GET /health`"),
                                ("execution", "`GET /api/executions/{id}`, two tasks"),
                                ("execute", "`POST /api/workflows/{id}/execute`"))]
    return table(["requests, p99", "64 connections", "1,000 connections"], rows)


def lists(figures):
    names = [name.removesuffix("_p50_ms") for name in figures if name.endswith("_p50_ms")]
    return table(["of a million runs", "p50", "p99"],
                 [[name, *(f"{number(figures[f'{name}_{share}_ms'])} ms"
                           for share in ("p50", "p99"))] for name in names])


def promises(results):
    """What was promised, and what was measured: medians with the least and the most."""
    rows = []
    for (workload, figure), (kind, bound) in report.TARGETS.items():
        values = results.get(workload, {}).get(figure)
        if values is None:
            continue
        verdict = report.verdict(workload, figure, values["median"]).split(":")[0]
        rows.append([f"`{workload}` {figure.replace('_', ' ')}", f"at {kind} {report.show(bound)}",
                     report.show(values["median"]),
                     f"{report.show(values['least'])} to {report.show(values['most'])}",
                     "yes" if verdict == "holds" else "**no**"])
    return table(["figure", "promised", "median", "least to most", "holds"], rows)


def steps(results):
    """Beside the limits of the same disk."""
    rows = []
    for name in ("seq10", "seq3", "fan100"):
        if name not in results:
            continue
        figures = pictures.medians(results[name])
        rows.append([f"`{name}`", *(f"{figures[figure]:,.0f}" for figure in (
            "steps_per_second", "bare_loop_steps_per_second",
            "append_fdatasync_steps_per_second")), f"{figures['share_of_bare_loop']:.0%}",
            f"{figures['cpu_us_per_step']:.1f} µs", f"{number(figures['run_p50_ms'])}, "
            f"{number(figures['run_p99_ms'])} ms", f"{number(figures['memory_mib'])} MiB"])
    return table(["", "steps/s", "bare loop", "append + fdatasync", "share of the bare loop",
                  "CPU a step", "run: p50, p99", "memory"], rows)


# Name in the page: the workload and what is made of it.
TABLES = {"overload": ("overload", overload), "silent": ("silent", silent),
          "growth": ("growth", growth), "sleepers": ("growth", sleepers),
          "visible": ("visible", visible), "cost": ("cost", cost), "disk": ("cost", disk),
          "http": ("http", http), "lists": ("lists", lists)}
# Of all workloads.
SUMMARIES = {"promises": promises, "steps": steps}


def fill(path, results):
    text = path.read_text(encoding="utf-8")
    made = {name: make(pictures.medians(results[workload]))
            for name, (workload, make) in TABLES.items() if workload in results}
    made |= {name: make(results) for name, make in SUMMARIES.items()}
    for name, rows in made.items():
        begin, end = f"<!-- figures {name} -->\n", f"<!-- end {name} -->"
        if begin not in text:
            continue
        before, rest = text.split(begin, 1)
        text = f"{before}{begin}\n{rows}\n\n{end}{rest.split(end, 1)[1]}"
    path.write_text(text, encoding="utf-8")
