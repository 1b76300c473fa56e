"""Sizes that keep code readable. Exceptions stand in tools/tidy_exceptions.txt."""

from collections.abc import Iterator

from cpp_text import find_functions
from tidy_source import Finding, SourceFile, Tree

SOURCE_LINES_MAX = 500
HEADER_LINES_MAX = 250
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
PARAMETERS_MAX = 5


def check_sizes(tree: Tree) -> Iterator[Finding]:
    for file in tree.cpp("src", "tests", "bench"):
        yield from check_file(file)
        yield from check_columns(file)
        yield from check_functions(file)
    for file in tree.files:
        if file.name.endswith(".py"):
            yield from check_columns(file)


def check_file(file: SourceFile) -> Iterator[Finding]:
    limit = HEADER_LINES_MAX if file.name.endswith(".h") else SOURCE_LINES_MAX
    if len(file.lines) > limit:
        yield Finding(
            file.path, limit + 1, "size-file", f"{len(file.lines)} lines, at most {limit}"
        )


def check_columns(file: SourceFile) -> Iterator[Finding]:
    for number, line in enumerate(file.lines, 1):
        if len(line) > COLUMNS_MAX:
            yield Finding(
                file.path, number, "size-line", f"{len(line)} columns, at most {COLUMNS_MAX}"
            )


def check_functions(file: SourceFile) -> Iterator[Finding]:
    for found in find_functions(file.code):
        if found.lines > FUNCTION_LINES_MAX:
            message = f"{found.name} has {found.lines} lines, at most {FUNCTION_LINES_MAX}"
            yield Finding(file.path, found.line, "size-function", message, found.name)
        if found.parameters > PARAMETERS_MAX:
            message = f"{found.name} has {found.parameters} parameters, at most {PARAMETERS_MAX}"
            yield Finding(file.path, found.line, "size-parameters", message, found.name)
