"""Pictures of steps, `overload` and `growth`. Needs matplotlib."""
import json
import re

INK, MUTED, ACCENT, SECOND = "#1f2328", "#8b949e", "#0969da", "#cf222e"

OVERLOAD = (
    ("accepted and refused, thousand a second", (("accepted_per_second", "accepted", ACCENT),
                                                 ("refused_per_second", "refused (429)", SECOND)),
     1000),
    ("until acknowledged, ms", (("accepted_p50_ms", "p50", MUTED), ("accepted_p99_ms", "p99",
                                                                   ACCENT)), 1),
    ("until the run has ended, ms", (("ended_p50_ms", "p50", MUTED), ("ended_p99_ms", "p99",
                                                                     ACCENT)), 1),
    ("memory of the server at most, MiB", (("memory_most_mib", None, ACCENT),), 1),
)

STEPS = ("seq3", "seq10", "fan100")
BESIDE = (("steps_per_second", "Harmonia", ACCENT),
          ("bare_loop_steps_per_second", "a bare loop over SQLite", MUTED),
          ("append_fdatasync_steps_per_second", "append and fdatasync", "#d0d7de"))

# What is flat is shown over decades; what grows in proportion is a line only over a plain axis.
# The name of a dimension: what it says, whether in decades, its unit.
DIMENSIONS = {"length": ("steps in one run", True, 1), "width": ("parallel tasks", True, 1),
              "size": ("payload, KiB", False, 1024),
              "live": ("runs asleep beside, thousand", False, 1000)}
ROWS = {"cpu_us_per_step": "CPU, \u00b5s a step", "step_p50_ms": "time, ms a step",
        "disk_bytes_per_step": "disk, bytes a step", "memory_most_mib": "memory at most, MiB"}


def draw(results, folder):
    """The paths of what was drawn; beside each picture its figures as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    steps = [name for name in STEPS if name in results]
    if steps:
        drawn.append(folder / "steps.svg")
        save(draw_steps(pyplot(), {name: medians(results[name]) for name in steps}), drawn[-1])
    for name, picture in (("overload", draw_overload), ("growth", draw_growth)):
        if name in results:
            drawn.append(folder / f"{name}.svg")
            save(picture(pyplot(), medians(results[name])), drawn[-1])
            text = json.dumps(medians(results[name]), indent=1)
            drawn[-1].with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return drawn


def medians(summary):
    return {name: values["median"] for name, values in summary.items()}


def pyplot():
    import matplotlib  # only for pictures: a large package
    matplotlib.use("Agg")
    import matplotlib.pyplot
    matplotlib.pyplot.rcParams.update({
        "font.size": 9, "axes.edgecolor": MUTED, "axes.labelcolor": INK, "text.color": INK,
        "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False,
        "axes.spines.right": False, "axes.grid": True, "grid.color": "#eaeef2",
        "svg.fonttype": "none", "svg.hashsalt": "harmonia"})
    return matplotlib.pyplot


def save(figure, path):
    figure.tight_layout()
    # The date would make each drawing of the same figures another file.
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def factors(figures):
    found = {re.match(r"at_([\d.]+)_offered", name) for name in figures}
    return sorted((match.group(1) for match in found if match), key=float)


def draw_steps(plt, figures):
    """Beside the limits of the same disk."""
    figure, axes = plt.subplots(figsize=(7.5, 3.2))
    for i, (name, label, colour) in enumerate(BESIDE):
        bars = axes.bar([place + i * 0.27 for place in range(len(figures))],
                        [one[name] / 1000 for one in figures.values()], 0.25, label=label,
                        color=colour)
        axes.bar_label(bars, fmt="%.0f", fontsize=8, padding=2)
    axes.set_xticks([place + 0.27 for place in range(len(figures))], list(figures))
    axes.set_title("durable steps, thousand a second", fontsize=9, loc="left")
    axes.grid(False, axis="x")
    axes.legend(frameon=False, ncol=3, loc="lower right", bbox_to_anchor=(1, 1), fontsize=8)
    axes.set_axisbelow(True)
    return figure


def draw_overload(plt, figures):
    figure, panels = plt.subplots(1, 4, figsize=(12, 2.9))
    loads = factors(figures)
    places = [float(load) for load in loads]
    for axes, (title, lines, unit) in zip(panels, OVERLOAD):
        for name, label, colour in lines:
            values = [figures[f"at_{load}_{name}"] / unit for load in loads]
            axes.plot(places, values, marker="o", markersize=4, color=colour, label=label)
        axes.axvline(1, color=MUTED, linewidth=0.8, linestyle=":")
        axes.set_title(title, fontsize=9, loc="left")
        axes.set_xlabel("offered, times the capacity")
        axes.set_xticks(places, [f"{load}" if load in ("0.5", "1", "1.5", "2") else ""
                                 for load in loads])
        axes.set_ylim(bottom=0)
        if lines[0][1]:
            axes.legend(frameon=False, fontsize=8)
    return figure


def series_of(figures, dimension, name):
    pattern = re.compile(rf"{dimension}_(\d+)_{name}$")
    found = [(int(match.group(1)), value) for match, value in
             ((pattern.match(key), value) for key, value in figures.items()) if match]
    return sorted(found)


def draw_growth(plt, figures):
    figure, panels = plt.subplots(len(ROWS), len(DIMENSIONS), figsize=(11, 8.5), sharex="col")
    for row, (name, title) in enumerate(ROWS.items()):
        for column, (dimension, (label, in_decades, unit)) in enumerate(DIMENSIONS.items()):
            axes = panels[row][column]
            places, values = zip(*series_of(figures, dimension, name))
            places = [place / unit for place in places]
            axes.plot(places, values, marker="o", markersize=4, color=ACCENT)
            axes.set_ylim(0, max(values) * 1.3)
            if in_decades:
                axes.set_xscale("log")
                axes.set_xticks(places, [f"{place / 1000:.0f}k" if place >= 1000
                                         else f"{place:.0f}" for place in places])
                axes.minorticks_off()
            axes.yaxis.set_major_formatter(plt.FuncFormatter(lambda value, _: f"{value:,.6g}"))
            if row == 0:
                axes.set_title(f"by {label}", fontsize=9, loc="left")
            if row == len(ROWS) - 1:
                axes.set_xlabel(label)
            if column == 0:
                axes.set_ylabel(title)
    return figure
