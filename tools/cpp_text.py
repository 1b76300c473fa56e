"""C++ text for checks: comments and literals blanked, functions found. Heuristic, no parser."""

import re
from dataclasses import dataclass, field

LITERAL_OR_COMMENT = re.compile(
    r"""
      //(?:\\\n|[^\n])*                                          # line comment
    | /\*.*?\*/                                                  # block comment
    | (?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"  # raw string
    | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"                           # string
    | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'                        # character; not the ' in 1'000
    """,
    re.VERBOSE | re.DOTALL,
)


def blank(text: str) -> str:
    """The same text, line by line as long, without comments and the insides of literals."""

    def replace(match: re.Match[str]) -> str:
        found = match.group()
        if found.startswith(("//", "/*")):
            return re.sub(r"[^\n]", " ", found)
        quote = found[-1]
        first = found.index(quote)
        return found[: first + 1] + re.sub(r"[^\n]", " ", found[first + 1 : -1]) + quote

    return LITERAL_OR_COMMENT.sub(replace, text)


def blank_preprocessor(code: str) -> str:
    """Without preprocessor lines and their continuations. Expects blanked code."""
    return re.sub(
        r"^[ \t]*#(?:\\\n|[^\n])*",
        lambda match: re.sub(r"[^\n]", " ", match.group()),
        code,
        flags=re.MULTILINE,
    )


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


@dataclass
class Function:
    name: str
    line: int  # of its first word
    lines: int  # up to its closing brace; 0 when only declared
    parameters: int


def find_functions(code: str) -> list[Function]:
    """Functions declared or defined outside other functions; `code` is blanked."""
    scanner = _DeclarationScanner(blank_preprocessor(code))
    scanner.scan_scope()
    return scanner.functions


@dataclass
class _DeclarationScanner:
    code: str
    at: int = 0
    functions: list[Function] = field(default_factory=list)

    def scan_scope(self) -> None:
        """Reads declarations up to the brace that closes the scope, or to the end."""
        start = self.at
        while self.at < len(self.code):
            char = self.code[self.at]
            if char == "}":
                self.at += 1
                return
            if char == ";":
                self.note(start, self.at, has_body=False)
                self.at += 1
                start = self.at
            elif char in "([":
                self.at = matching_end(self.code, self.at)
            elif char == "{":
                if self.open_brace(start):
                    start = self.at
            else:
                self.at += 1

    def open_brace(self, start: int) -> bool:
        """Passes the brace at hand and what it holds; says whether it ends the declaration."""
        head = self.code[start : self.at]
        kind = brace_kind(head)
        if kind == "scope":
            self.at += 1
            self.scan_scope()
            return True
        self.at = matching_end(self.code, self.at)
        if kind == "body":
            self.note(start, self.at, has_body=True)
        return kind == "body"

    def note(self, start: int, end: int, *, has_body: bool) -> None:
        text = self.code[start:end]
        signature = split_signature(clean_head(before_brace(text)))
        if signature is None:
            return
        name, parameters = signature
        first = start + len(text) - len(text.lstrip())
        label = re.match(r"\s*(?:(?:public|private|protected)\s*:\s*)+", text)
        if label:
            first = start + label.end()
        lines = line_of(self.code, end - 1) - line_of(self.code, first) + 1 if has_body else 0
        is_macro = len(name) > 2 and name.isupper()
        count = 0 if is_macro else count_parameters(parameters)
        self.functions.append(Function(name, line_of(self.code, first), lines, count))


def matching_end(code: str, opening: int) -> int:
    """The offset behind the bracket that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(code)):
        if code[i] in "([{":
            depth += 1
        elif code[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i + 1
    return len(code)


def before_brace(declaration: str) -> str:
    """Up to the first brace that is not inside other brackets."""
    i = 0
    while i < len(declaration) and declaration[i] != "{":
        i = matching_end(declaration, i) if declaration[i] in "([" else i + 1
    return declaration[:i]


def clean_head(head: str) -> str:
    """A declaration without what confuses: labels, attributes, templates, operators' signs."""
    head = re.sub(r"\b(?:public|private|protected)\s*:", " ", head)
    head = re.sub(r"\[\[.*?\]\]", " ", head, flags=re.DOTALL)
    head = re.sub(r"\boperator\s*\(\s*\)", "operator_call", head)
    head = re.sub(r"\boperator\s*[^\s\w(]+", "operator_sign", head)
    head = drop_angles(head)
    return drop_calls(
        head, ("noexcept", "decltype", "alignas", "requires", "explicit", "__attribute__")
    )


def drop_angles(head: str) -> str:
    """Without template arguments; `<` counts when a `>` closes it in the same brackets."""
    out = []
    i = 0
    while i < len(head):
        end = angle_end(head, i) if head[i] == "<" else 0
        if end:
            i = end
        else:
            out.append(head[i])
            i += 1
    return "".join(out)


def angle_end(head: str, opening: int) -> int:
    depth = 0
    i = opening
    while i < len(head):
        if head[i] == "<":
            depth += 1
        elif head[i] == ">" and head[i - 1] != "-":
            depth -= 1
            if depth == 0:
                return i + 1
        elif head[i] in "([{":
            i = matching_end(head, i) - 1
        elif head[i] in ")]};":
            return 0
        i += 1
    return 0


def drop_calls(head: str, words: tuple[str, ...]) -> str:
    for word in words:
        while match := re.search(rf"\b{word}\s*\(", head):
            head = head[: match.start()] + " " + head[matching_end(head, match.end() - 1) :]
    return head


def brace_kind(head: str) -> str:
    """What a brace after `head` opens: `scope`, `body` of a function, or `value`."""
    clean = clean_head(head)
    outside = drop_groups(clean)
    if "=" in outside or re.search(r"\benum\b", outside):
        return "value"
    if "(" not in clean:
        is_scope = re.search(r"\b(?:namespace|class|struct|union|extern)\b", outside)
        return "scope" if is_scope else "value"
    in_initialisers = re.search(r"\)[^:]*(?<!:):(?!:)", collapse_groups(clean))
    if in_initialisers and re.search(r"[\w>]\s*$", head):
        return "value"  # member_{...} in a constructor's initialiser list
    return "body"


def drop_groups(head: str) -> str:
    """Without round and square brackets and what they hold."""
    return collapse_groups(head).replace("()", " ").replace("[]", " ").replace("{}", " ")


def collapse_groups(head: str) -> str:
    out = []
    i = 0
    while i < len(head):
        if head[i] in "([{":
            end = matching_end(head, i)
            out.append(head[i] + {"(": ")", "[": "]", "{": "}"}[head[i]])
            i = end
        else:
            out.append(head[i])
            i += 1
    return "".join(out)


def split_signature(clean: str) -> tuple[str, str] | None:
    """Name and parameters, when the declaration is a function's."""
    match = re.search(r"([~\w]+)\s*\(", clean)
    if not match or "=" in drop_groups(clean[: match.start()]):
        return None
    if re.match(r"\s*(?:using|typedef|friend\s+class|static_assert|return)\b", clean):
        return None
    end = matching_end(clean, match.end() - 1)
    return match.group(1), clean[match.end() : end - 1]


def count_parameters(parameters: str) -> int:
    flat = collapse_groups(parameters).strip()
    return 0 if flat in ("", "void") else flat.count(",") + 1
