"""What the rules of tools/tidy look at: the files of the tree, and what is said about them."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cpp_text import blank

FOLDERS_LEFT_OUT = {".git", ".harmonia", ".cache", "__pycache__", "node_modules"}
# Data of others, kept as it is.
PATHS_LEFT_OUT = ("tests/conformance/",)
TEXT_ENDINGS = (
    ".cc",
    ".h",
    ".py",
    ".sh",
    ".cmake",
    ".txt",
    ".md",
    ".json",
    ".yaml",
    ".yml",
    ".sql",
    ".ts",
    ".tsx",
    ".css",
    ".html",
    ".wft",
)
TEXT_NAMES = ("Makefile", "tidy", "run", ".clang-format", ".gitignore")


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    message: str
    symbol: str = "-"  # what an exception may name, besides the whole file

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass
class SourceFile:
    path: str  # from the root, with slashes
    text: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def is_cpp(self) -> bool:
        return self.name.endswith((".cc", ".h"))

    @property
    def is_test(self) -> bool:
        return self.name.endswith(("_test.cc", "_bench.cc", "_fuzz.cc"))

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")[:-1] if self.text.endswith("\n") else self.text.split("\n")

    @cached_property
    def code(self) -> str:
        """C++ without comments and the insides of literals, line by line the same."""
        return blank(self.text)


@dataclass
class Tree:
    root: Path
    files: list[SourceFile]
    folders: list[str]

    def under(self, *folders: str) -> list[SourceFile]:
        return [
            file for file in self.files if file.path.startswith(tuple(f"{f}/" for f in folders))
        ]

    def cpp(self, *folders: str) -> list[SourceFile]:
        return [file for file in self.under(*folders) if file.is_cpp]

    def get(self, path: str) -> SourceFile | None:
        return self.by_path.get(path)

    @cached_property
    def by_path(self) -> dict[str, SourceFile]:
        return {file.path: file for file in self.files}


def load_tree(root: Path) -> Tree:
    files: list[SourceFile] = []
    folders: list[str] = []
    for folder, inner, names in os.walk(root):
        at_root = Path(folder) == root
        inner[:] = sorted(name for name in inner if not is_left_out(name, at_root))
        for name in inner:
            folders.append((Path(folder) / name).relative_to(root).as_posix())
        for name in sorted(names):
            path = (Path(folder) / name).relative_to(root).as_posix()
            if is_text(name) and not path.startswith(PATHS_LEFT_OUT):
                text = (root / path).read_text(encoding="utf-8", errors="replace")
                files.append(SourceFile(path, text))
    return Tree(
        root, files, [path for path in folders if not f"{path}/".startswith(PATHS_LEFT_OUT)]
    )


def is_left_out(folder: str, at_root: bool) -> bool:
    return folder in FOLDERS_LEFT_OUT or (
        at_root and (folder == "build" or folder.startswith("build-"))
    )


def is_text(name: str) -> bool:
    return name.endswith(TEXT_ENDINGS) or name in TEXT_NAMES
