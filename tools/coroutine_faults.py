"""Finds expressions with co_await that g++ 12.2 compiles wrongly.

g++ 12.2 destroys some temporaries twice when they live in a full expression that also awaits:
lambdas with captures, aggregates written with braces, and objects chosen by `?:`. There is no
warning, and most programs seem to work. The cure is always to name the object on a line of its own:

    co_await f(Options{...});            Options options{...};
                                         co_await f(std::move(options));

Types are not known here, so a braced or captured value counts as faulty unless it plainly is not:
captures by reference, and the standard types below, whose constructors make them safe.

How: code becomes a tree of brackets; blocks are split into full expressions; an expression that
awaits, not counting the bodies of lambdas within it, is searched for the three.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cpp_text import blank_preprocessor, line_of
from tidy_source import Finding, Tree

TOKEN = re.compile(r"""::|->|&&|\|\||[A-Za-z_]\w*|\d[\w.']*|"[^"]*"|'[^']*'|[^\s]""")
CLOSING = {"(": ")", "[": "]", "{": "}"}
AWAITS = {"co_await", "co_yield"}
CONTROLS = {"if", "while", "for", "switch"}
KEYWORDS_BEFORE_EXPRESSION = {
    "return",
    "co_return",
    "co_await",
    "co_yield",
    "throw",
    "case",
    "else",
    "do",
}
DECLARES_BLOCK = {"namespace", "class", "struct", "union", "enum", "extern"}
ENDS_SIGNATURE = {"const", "noexcept", "mutable", "override", "final", "try", "else", "do"}
SAFE_TYPES = {
    "string",
    "string_view",
    "optional",
    "pair",
    "variant",
    "seconds",
    "milliseconds",
    "microseconds",
}


@dataclass
class Item:
    """A token, or a pair of brackets with what is in it."""

    text: str
    at: int
    inner: list["Item"] = field(default_factory=list)
    is_block: bool = False  # braces that hold statements

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha() or self.text[0] == "_"


@dataclass(frozen=True)
class Fault:
    at: int
    rule: str
    message: str


def check_coroutines(tree: Tree) -> Iterator[Finding]:
    for file in tree.cpp("src", "tests", "bench"):
        if "co_await" in file.code or "co_yield" in file.code:
            for fault in find_faults(file.code):
                yield Finding(file.path, line_of(file.code, fault.at), fault.rule, fault.message)


def find_faults(code: str) -> list[Fault]:
    """Faults in blanked code, in the order they stand."""
    items = bracket_tree(blank_preprocessor(code))
    mark_blocks(items, in_block=True)
    faults = [fault for expression in full_expressions(items) for fault in judge(expression)]
    return sorted(set(faults), key=lambda fault: fault.at)


def bracket_tree(code: str) -> list[Item]:
    top: list[Item] = []
    open_items: list[Item] = []
    for match in TOKEN.finditer(code):
        text = match.group()
        here = open_items[-1].inner if open_items else top
        if text in CLOSING:
            item = Item(text, match.start())
            here.append(item)
            open_items.append(item)
        elif text in CLOSING.values():
            if open_items and CLOSING[open_items[-1].text] == text:
                open_items.pop()
        else:
            here.append(Item(text, match.start()))
    return top


# --- which braces are blocks ---------------------------------------------------------------------


def mark_blocks(items: list[Item], *, in_block: bool) -> None:
    """Sets is_block of every brace below. `in_block` says whether the items are statements."""
    statement_start = 0
    for i, item in enumerate(items):
        if item.text == "{":
            item.is_block = opens_block(items, i, statement_start, in_block=in_block)
        mark_blocks(item.inner, in_block=item.is_block)
        if item.text in (";", "}") or item.is_block:
            statement_start = i + 1


def opens_block(items: list[Item], i: int, statement_start: int, *, in_block: bool) -> bool:
    statement = items[statement_start:i]
    if not statement:
        return in_block  # a bare block; in an initialiser, a nested one
    before = statement[-1]
    if before.text == "(":
        return True  # if (...) {, a function's or a lambda's body
    if before.text == "[":
        return is_attribute(before) or is_lambda(items, i - 1)
    if before.text == "{":
        return in_block  # a constructor's body behind its last initialiser
    if before.text in ENDS_SIGNATURE or ends_trailing_return_type(statement, in_block=in_block):
        return True
    if before.text == ":":
        return in_block  # after a label
    declares = in_block and any(item.text in DECLARES_BLOCK for item in statement)
    return declares and not any(item.text in ("=", "(") for item in statement)


def ends_trailing_return_type(statement: list[Item], *, in_block: bool) -> bool:
    """`) -> awaitable<void>` before the brace: a body follows."""
    for i in range(len(statement) - 1, 0, -1):
        if statement[i].text == "->":
            if statement[i - 1].text == "(" and not in_block:  # else `f()->g, Type{...}`
                return i >= 2 and is_lambda(statement, i - 2)
            return statement[i - 1].text == "(" or statement[i - 1].text in ENDS_SIGNATURE
        if not (statement[i].is_word or statement[i].text in ("::", "<", ">", ",", "*", "&")):
            return False
    return False


# --- lambdas -------------------------------------------------------------------------------------


def is_lambda(items: list[Item], i: int) -> bool:
    """Whether the square brackets at `i` begin a lambda, not an index, attribute or binding."""
    if items[i].text != "[" or is_attribute(items[i]):
        return False
    before = items[i - 1] if i > 0 else None
    if before is not None:
        is_operand = before.is_word and before.text not in KEYWORDS_BEFORE_EXPRESSION
        if is_operand or before.text in ("[", "(") or before.text[0] in "0123456789\"'":
            return False
    after = items[i + 1].text if i + 1 < len(items) else ""
    return after in ("(", "{", "<", "->", "mutable", "noexcept")


def is_attribute(brackets: Item) -> bool:
    return bool(brackets.inner) and brackets.inner[0].text == "["


def captures_object(brackets: Item) -> bool:
    """Whether a capture may have a destructor: `x`, `=`, `x = ...`; not `this`, `&x`, `&`."""
    for capture in split(brackets.inner, ","):
        if capture[0].text not in ("&", "this"):
            return True
    return False


# --- full expressions ----------------------------------------------------------------------------


def split(items: list[Item], separator: str) -> list[list[Item]]:
    parts: list[list[Item]] = [[]]
    for item in items:
        if item.text == separator:
            parts.append([])
        else:
            parts[-1].append(item)
    return [part for part in parts if part]


def full_expressions(items: list[Item]) -> Iterator[list[Item]]:
    """The full expressions of statements, those of blocks and lambdas inside them included."""
    current: list[Item] = []
    for i, item in enumerate(items):
        if item.text == ";" or (item.is_block and not is_lambda_body(items, i)):
            yield from expression_and_inside(current)
            current = []
            if item.is_block:
                yield from full_expressions(item.inner)
        elif item.text == "(" and is_control(items, i):
            for part in split(item.inner, ";"):
                yield from expression_and_inside(part)
            current = []
        else:
            current.append(item)
    yield from expression_and_inside(current)


def is_control(items: list[Item], i: int) -> bool:
    before = items[i - 1].text if i > 0 else ""
    if before == "constexpr" and i > 1:
        before = items[i - 2].text
    return before in CONTROLS


def is_lambda_body(items: list[Item], i: int) -> bool:
    """Whether the block at `i` is a lambda's: its square brackets stand before it."""
    for k in range(i - 1, -1, -1):
        if items[k].text == "[":
            return is_lambda(items, k)
        if items[k].is_block or items[k].text in (";", "=", ","):
            # The comma of a trailing return type such as awaitable<int, Executor> is the exception.
            if items[k].text == "," and any(item.text == "->" for item in items[:k]):
                continue
            return False
    return False


def expression_and_inside(expression: list[Item]) -> Iterator[list[Item]]:
    if expression:
        yield expression
        yield from blocks_inside(expression)


def blocks_inside(items: list[Item]) -> Iterator[list[Item]]:
    for item in items:
        if item.is_block:
            yield from full_expressions(item.inner)
        else:
            yield from blocks_inside(item.inner)


# --- the faults ----------------------------------------------------------------------------------


def judge(expression: list[Item]) -> list[Fault]:
    return list(hazards(expression)) if awaits(expression) else []


def awaits(items: list[Item]) -> bool:
    return any(item.text in AWAITS or (not item.is_block and awaits(item.inner)) for item in items)


def hazards(items: list[Item]) -> Iterator[Fault]:
    for i, item in enumerate(items):
        if item.text == "?":
            yield Fault(
                item.at,
                "coroutine-choice",
                "`?:` in an expression with co_await: use if, or name the choice first",
            )
        elif is_lambda(items, i):
            if captures_object(item):
                yield Fault(
                    item.at,
                    "coroutine-lambda",
                    "lambda with captures in an expression with co_await: name it first, move it",
                )
        elif item.text == "{" and not item.is_block and not has_safe_type(items, i):
            yield Fault(
                item.at,
                "coroutine-braces",
                "braces in an expression with co_await: name the object first, then move it",
            )
        if not item.is_block:
            yield from hazards(item.inner)


def has_safe_type(items: list[Item], i: int) -> bool:
    """`std::string{...}`, `std::optional<T>{...}`: made by a constructor, so destroyed once."""
    k = i - 1
    if k >= 0 and items[k].text == ">":
        depth = 0
        while k >= 0:
            depth += {">": 1, "<": -1}.get(items[k].text, 0)
            k -= 1
            if depth == 0:
                break
    return k >= 0 and items[k].text in SAFE_TYPES
