"""Rules on files as such: leftovers, names, blanks, headers, documents."""

import re
from collections.abc import Iterator

from cpp_text import line_of
from tidy_layers import includes_of
from tidy_source import Finding, SourceFile, Tree

LEFTOVERS = re.compile(r"\b(?:FIXME|TODO|XXX|HACK)\b")
LEFTOVER_ENDINGS = (
    ".cc",
    ".h",
    ".py",
    ".sh",
    ".cmake",
    ".sql",
    ".md",
    ".ts",
    ".tsx",
    "CMakeLists.txt",
)
# These name the words they look for.
LEFTOVERS_LEFT_OUT = ("tools/tidy_files.py", "tools/tidy_test.py")
FOLDER_NAMES_BANNED = {"util", "utils", "common", "helper", "helpers", "misc"}
# Expected output may end lines with blanks.
BLANKS_LEFT_OUT = (".wft", ".json")


def check_files(tree: Tree) -> Iterator[Finding]:
    for folder in tree.folders:
        if folder.rsplit("/", 1)[-1] in FOLDER_NAMES_BANNED:
            yield Finding(folder, 1, "folder-name", "says nothing about what is in it")
    for file in tree.files:
        yield from check_leftovers(file)
        yield from check_blanks(file)
        if file.name.endswith(".md"):
            yield from check_title(file)
    for file in tree.cpp("src", "tests", "bench"):
        yield from check_header(file, tree)


def check_leftovers(file: SourceFile) -> Iterator[Finding]:
    if not file.name.endswith(LEFTOVER_ENDINGS) or file.path in LEFTOVERS_LEFT_OUT:
        return
    for match in LEFTOVERS.finditer(file.text):
        line = line_of(file.text, match.start())
        yield Finding(
            file.path,
            line,
            "leftover",
            f"{match.group()}: do it, or write it where work is planned",
        )


def check_blanks(file: SourceFile) -> Iterator[Finding]:
    if file.name.endswith(BLANKS_LEFT_OUT):
        return
    for number, line in enumerate(file.lines, 1):
        if line != line.rstrip():
            yield Finding(file.path, number, "blanks", "blanks at the end of the line")
    if file.text and not file.text.endswith("\n"):
        yield Finding(file.path, len(file.lines), "blanks", "no line break at the end of the file")


def check_title(file: SourceFile) -> Iterator[Finding]:
    without_code = re.sub(
        r"^(```|~~~).*?^\1",
        lambda m: "\n" * m.group().count("\n"),
        file.text,
        flags=re.DOTALL | re.MULTILINE,
    )
    titles = [
        line_of(without_code, match.start())
        for match in re.finditer(r"^# \S", without_code, re.MULTILINE)
    ]
    if len(titles) != 1:
        line = titles[1] if len(titles) > 1 else 1
        yield Finding(file.path, line, "title", f"{len(titles)} titles (`# ...`), expected one")


def check_header(file: SourceFile, tree: Tree) -> Iterator[Finding]:
    if file.name.endswith(".h"):
        if not re.search(r"^#pragma once$", file.code, re.MULTILINE):
            yield Finding(
                file.path, 1, "pragma-once", "the header does not begin with #pragma once"
            )
        return
    own = file.path.removesuffix(".cc") + ".h"
    if tree.get(own) is None:
        return
    own = own.removeprefix("src/")
    first = next(includes_of(file), None)
    if first is None or first.header != own:
        yield Finding(file.path, first.line if first else 1, "own-header", f'include "{own}" first')
