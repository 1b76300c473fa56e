"""Rules on who may include whom, and on what the build knows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cpp_text import line_of
from tidy_source import Finding, SourceFile, Tree

LAYERS = "tools/layers.txt"
INCLUDE = re.compile(r"""^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)""", re.MULTILINE)

# Third-party headers, and the only folders that may include them.
ADAPTERS = {
    "boost/asio": ("src/net/",),
    "boost/beast": ("src/net/",),
    "boost/json": ("src/base/",),
    "curl/": ("src/net/",),
    "sqlite3.h": ("src/store/sqlite/",),
    "yaml-cpp/": ("src/workflow/",),
    "spdlog/": ("src/base/",),
    "CLI/": ("src/cli/",),
    "re2/": ("src/expr/", "src/workflow/"),
    "openssl/": ("src/base/",),
}


@dataclass(frozen=True)
class Include:
    header: str
    line: int
    is_angled: bool


@dataclass
class Layers:
    allowed: dict[str, set[str]] = field(default_factory=dict)
    for_tests: dict[str, set[str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def room_of(self, path: str) -> str | None:
        """The room of a path from src/: the longest that begins it."""
        fitting = [room for room in self.allowed if path.startswith(f"{room}/")]
        return max(fitting, key=len, default=None)

    def may_use(self, room: str, other: str, *, as_test: bool) -> bool:
        if other == room or other in self.allowed[room]:
            return True
        return as_test and other in self.for_tests.get(room, set())


def check_layers(tree: Tree) -> Iterator[Finding]:
    table = tree.get(LAYERS)
    if table is None:
        yield Finding(LAYERS, 1, "layers", "the file is missing")
        return
    layers, problems = read_layers(table)
    yield from problems
    yield from check_cycles(layers)
    for file in tree.cpp("src"):
        yield from check_includes(file, layers)
    for file in tree.under("src"):
        if file.name == "CMakeLists.txt":
            yield from check_cmake_depends(file, layers)
    yield from check_build_knows(tree, layers)


def read_layers(table: SourceFile) -> tuple[Layers, list[Finding]]:
    layers = Layers()
    problems: list[Finding] = []
    for number, line in enumerate(table.lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"([\w/]+)( tests)?:((?: [\w/]+)*)\s*", line)
        if not match:
            problems.append(Finding(LAYERS, number, "layers", "expected `room: room room ...`"))
            continue
        target = layers.for_tests if match.group(2) else layers.allowed
        target[match.group(1)] = set(match.group(3).split())
        layers.lines[match.group(1)] = number
    for room, others in [*layers.allowed.items(), *layers.for_tests.items()]:
        for name in sorted({room, *others} - layers.allowed.keys()):
            problems.append(
                Finding(LAYERS, layers.lines[room], "layers", f"no line for the room {name}")
            )
    return layers, problems


def check_cycles(layers: Layers) -> Iterator[Finding]:
    finished: set[str] = set()

    def visit(room: str, path: list[str]) -> Iterator[Finding]:
        if room in path:
            cycle = " -> ".join([*path[path.index(room) :], room])
            yield Finding(LAYERS, layers.lines[room], "layers", f"cycle: {cycle}")
        elif room not in finished:
            for other in sorted(layers.allowed.get(room, ())):
                yield from visit(other, [*path, room])
            finished.add(room)

    for room in layers.allowed:
        yield from visit(room, [])


def check_includes(file: SourceFile, layers: Layers) -> Iterator[Finding]:
    room = layers.room_of(file.path.removeprefix("src/"))
    if room is None:
        yield Finding(file.path, 1, "layers", f"its folder has no line in {LAYERS}")
        return
    for include in includes_of(file):
        if include.is_angled:
            yield from check_adapter(file, include)
            continue
        other = layers.room_of(include.header)
        message = ""
        if other is None:
            message = f'"{include.header}" does not begin with a room of src/'
        elif not layers.may_use(room, other, as_test=file.is_test):
            message = f"{room} may not include {other}"
        if message:
            yield Finding(file.path, include.line, "layers", message, include.header)


def includes_of(file: SourceFile) -> Iterator[Include]:
    # Found in the blanked code, so that includes in comments and raw strings do not count; the name
    # of a quoted one is blank there, and read from the text at the same place.
    for match in INCLUDE.finditer(file.code):
        group = 1 if match.group(1) else 2
        header = file.text[match.start(group) : match.end(group)]
        yield Include(header, line_of(file.text, match.start()), is_angled=group == 2)


def check_adapter(file: SourceFile, include: Include) -> Iterator[Finding]:
    for header, homes in ADAPTERS.items():
        if include.header.startswith(header) and not file.path.startswith(homes):
            message = f"<{include.header}> belongs to {' and '.join(homes)} only"
            yield Finding(file.path, include.line, "adapters", message, include.header)


def check_cmake_depends(file: SourceFile, layers: Layers) -> Iterator[Finding]:
    """Rooms named in a CMake file of a room, in DEPENDS or as harmonia_room."""
    room = layers.room_of(file.path.removeprefix("src/"))
    if room is None:
        return
    text = re.sub(r"#[^\n]*", lambda match: " " * len(match.group()), file.text)
    by_target = {name.replace("/", "_"): name for name in layers.allowed}
    for call in re.finditer(r"harmonia_room\s*\(([^)]*)\)", text):
        depends = re.search(r"\bDEPENDS\b(.*?)(?=\b[A-Z_]{4,}\b|$)", call.group(1), re.DOTALL)
        for word in re.finditer(r"\w+", depends.group(1)) if depends else []:
            line = line_of(text, call.start(1) + depends.start(1) + word.start())
            other = by_target.get(word.group())
            if other is None:
                yield Finding(
                    file.path, line, "layers", f"DEPENDS on {word.group()}, which is no room"
                )
            elif not layers.may_use(room, other, as_test=False):
                yield Finding(file.path, line, "layers", f"{room} may not depend on {other}")
    for word in re.finditer(r"\bharmonia_(\w+)", text):
        other = by_target.get(word.group(1))
        if other and not layers.may_use(room, other, as_test=True):
            line = line_of(text, word.start())
            yield Finding(file.path, line, "layers", f"{room} may not depend on {other}")


def check_build_knows(tree: Tree, layers: Layers) -> Iterator[Finding]:
    """Every .cc is compiled: its folder is a room of the build, or a CMakeLists.txt names it."""
    root = tree.get("CMakeLists.txt")
    for file in tree.under("src"):
        if not file.name.endswith(".cc"):
            continue
        parts = file.path.split("/")
        room = parts[1]
        if root is not None and not re.search(rf"\b{re.escape(room)}\b", root.text):
            yield Finding(file.path, 1, "build", f"the root CMakeLists.txt does not add src/{room}")
        lists = [
            found
            for depth in range(2, len(parts))
            if (found := tree.get("/".join([*parts[:depth], "CMakeLists.txt"])))
        ]
        is_globbed = bool(lists) and "harmonia_room" in lists[-1].text
        is_globbed = is_globbed and file.name != "main.cc" and not file.name.endswith("_fuzz.cc")
        if not is_globbed and not any(file.name in found.text for found in lists):
            yield Finding(file.path, 1, "build", "no CMakeLists.txt compiles it")
