"""What code may not name: everywhere, and in the rooms that must be pure."""

import re
from collections.abc import Iterator

from cpp_text import line_of
from tidy_source import Finding, SourceFile, Tree

PURE_ROOMS = ("src/expr", "src/workflow", "src/execution")


def words(*names: str) -> str:
    return rf"(?<![\w.])(?:{'|'.join(names)})\b"


# Rule, pattern over code without comments and literals, what to do instead.
BANS_EVERYWHERE = [
    (
        "ban-regex",
        r"\bstd::w?s?regex\w*|#\s*include\s*<regex>",
        "std::regex overflows the stack; use RE2",
    ),
    ("ban-using", r"\busing\s+namespace\s+std\s*;", "name what is used"),
    ("ban-endl", r"\bstd::endl\b", "write '\\n'; flushing is a decision of its own"),
    ("ban-throw", r"\bthrow\b", "expected failure is a Result, a broken assumption an ASSERT"),
]
BANS_IN_PURE_ROOMS = [
    (
        "pure-clock",
        r"\b(?:system|steady|high_resolution|utc|file)_clock\b|::now\s*\(\s*\)"
        r"|(?<![\w.>])(?:std::)?time\s*\(\s*(?:nullptr|NULL|0|&)"
        r"|\bclock_gettime\b|\bgettimeofday\b",
        "time comes with the command",
    ),
    (
        "pure-thread",
        r"\bstd::(?:j?thread|this_thread|async|future|promise|packaged_task"
        r"|(?:shared_|recursive_|timed_)?mutex|condition_variable\w*|atomic\w*"
        r"|lock_guard|unique_lock|scoped_lock|shared_lock|call_once|once_flag"
        r"|counting_semaphore|binary_semaphore|latch|barrier|stop_token)\b"
        r"|\bthread_local\b|\bpthread_\w+"
        r"|#\s*include\s*<(?:thread|mutex|shared_mutex|atomic|condition_variable|future)>"
        r"|#\s*include\s*<(?:semaphore|latch|barrier)>",
        "one owner, no locks",
    ),
    (
        "pure-random",
        words(r"(?:std::)?random_device", r"(?:std::)?s?rand\s*(?=\()", r"getrandom"),
        "randomness comes with the command",
    ),
    (
        "pure-environment",
        words(r"(?:std::)?(?:secure_)?getenv", "setenv", "environ"),
        "settings are parameters",
    ),
    (
        "pure-coroutine",
        r"\bco_(?:await|yield|return)\b|#\s*include\s*<coroutine>",
        "plain functions only",
    ),
    (
        "pure-files",
        r"\bstd::filesystem\b|#\s*include\s*<filesystem>"
        r"|\b(?:std::)?fopen\s*\(|\bstd::[io]?fstream\b",
        "callers read files",
    ),
    (
        "pure-streams",
        r"#\s*include\s*<(?:iostream|istream|ostream|fstream|sstream|iomanip)>"
        r"|\bstd::(?:cout|cerr|clog|cin|[io]?stringstream|[io]stream)\b"
        r"|(?<![\w.])(?:std::)?f?(?:printf|puts)\s*\(",
        "format into strings",
    ),
]


def check_bans(tree: Tree) -> Iterator[Finding]:
    for file in tree.cpp("src"):
        yield from find_banned(file, BANS_EVERYWHERE)
    for file in tree.cpp(*PURE_ROOMS):
        if not file.is_test:
            yield from find_banned(file, BANS_IN_PURE_ROOMS)


def find_banned(file: SourceFile, bans: list[tuple[str, str, str]]) -> Iterator[Finding]:
    for rule, pattern, instead in bans:
        for match in re.finditer(pattern, file.code):
            found = " ".join(match.group().split())
            yield Finding(file.path, line_of(file.code, match.start()), rule, f"{found}: {instead}")
