"""Tables of figures in a page of the documentation: they stand between `<!-- figures NAME -->` and
`<!-- end NAME -->`, and are written anew when NAME was measured."""
import pictures

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
    rows = [[f"{count:,}", f"{number(value)} bytes",
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


# Name in the page: the workload and what is made of it.
TABLES = {"overload": ("overload", overload), "silent": ("silent", silent),
          "growth": ("growth", growth), "sleepers": ("growth", sleepers),
          "visible": ("visible", visible)}


def fill(path, results):
    text = path.read_text(encoding="utf-8")
    for name, (workload, make) in TABLES.items():
        begin, end = f"<!-- figures {name} -->\n", f"<!-- end {name} -->"
        if workload not in results or begin not in text:
            continue
        before, rest = text.split(begin, 1)
        after = rest.split(end, 1)[1]
        rows = make(pictures.medians(results[workload]))
        text = f"{before}{begin}\n{rows}\n\n{end}{after}"
    path.write_text(text, encoding="utf-8")
