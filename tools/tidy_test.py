#!/usr/bin/env python3
"""Plants small violations, so that a rule of tools/tidy that stops working is noticed."""

import subprocess
import sys
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

sys.dont_write_bytecode = True
TOOLS = Path(__file__).resolve().parent
sys.path.insert(0, str(TOOLS))

from coroutine_faults import find_faults  # noqa: E402
from cpp_text import blank, find_functions  # noqa: E402
from tidy_source import load_tree  # noqa: E402


def load_program():
    loader = SourceFileLoader("tidy", str(TOOLS / "tidy"))
    module = module_from_spec(spec_from_loader("tidy", loader))
    loader.exec_module(module)
    return module


tidy = load_program()

# A tree without findings; each test adds to it.
CLEAN_TREE = {
    "CMakeLists.txt": "foreach(room base expr store net)\nendforeach()\n",
    "tools/layers.txt": "base:\nexpr: base\nstore: base\nstore/sqlite: base store\nnet: base\n"
    "expr tests: store\n",
    "src/base/CMakeLists.txt": "harmonia_room(base LIBRARIES fmt::fmt)\n",
    "src/base/id.h": "#pragma once\n\nint make_id(int a);\n",
    "src/base/id.cc": '#include "base/id.h"\n\n#include <string>\n\nint make_id(int);\n',
    "src/expr/CMakeLists.txt": "harmonia_room(expr DEPENDS base)\n",
    "src/expr/parse.cc": '#include "base/id.h"\n\nint parse() { return make_id(1); }\n',
    "src/store/CMakeLists.txt": "harmonia_room(store DEPENDS base)\n",
    "src/store/store.h": "#pragma once\n",
    "src/net/CMakeLists.txt": "harmonia_room(net DEPENDS base)\n",
    "docs/guide.md": "# Guide\n\n```sh\n# not a title\n```\n",
}


def findings(changes: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**CLEAN_TREE, **changes}.items():
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return [str(finding) for finding in tidy.check_tree(load_tree(Path(folder)))]


class TidyTest(unittest.TestCase):
    def assert_found(self, changes: dict[str, str], *expected: str) -> None:
        """Exactly these findings, each given by how it begins."""
        found = findings(changes)
        missing = [start for start in expected if not any(line.startswith(start) for line in found)]
        self.assertTrue(
            not missing and len(found) == len(expected), f"\nexpected {expected}\nfound    {found}"
        )


class Layers(TidyTest):
    def test_a_clean_tree_has_no_findings(self):
        self.assert_found({})

    def test_an_include_against_the_layers(self):
        self.assert_found(
            {"src/base/up.cc": '#include "store/store.h"\n'},
            "src/base/up.cc:1: layers: base may not include store",
        )

    def test_an_include_in_a_comment_or_string_is_none(self):
        text = '// #include "store/store.h"\nauto x = R"(\n#include "store/store.h"\n)";\n'
        self.assert_found({"src/base/up.cc": text})

    def test_tests_may_include_what_the_table_grants_them(self):
        self.assert_found({"src/expr/parse_test.cc": '#include "store/store.h"\n'})
        self.assert_found(
            {"src/expr/parse_check.cc": '#include "store/store.h"\n'},
            "src/expr/parse_check.cc:1: layers: expr may not include store",
        )

    def test_the_longest_room_counts(self):
        self.assert_found(
            {
                "src/store/sqlite/open.cc": '#include "store/store.h"\n#include <sqlite3.h>\n',
                "src/store/sqlite/open.h": "#pragma once\n",
                "src/store/make.cc": '#include "store/sqlite/open.h"\n',
            },
            "src/store/make.cc:1: layers: store may not include store/sqlite",
            'src/store/sqlite/open.cc:1: own-header: include "store/sqlite/open.h"',
        )

    def test_an_include_from_elsewhere_than_src(self):
        self.assert_found(
            {"src/base/local.cc": '#include "id.h"\n'}, "src/base/local.cc:1: layers:"
        )

    def test_a_folder_without_a_line(self):
        self.assert_found(
            {"src/extra/a.h": "#pragma once\n"}, "src/extra/a.h:1: layers: its folder"
        )

    def test_a_cycle(self):
        self.assert_found(
            {"tools/layers.txt": "base: net\nexpr: base\nstore: base\nnet: base\n"},
            "tools/layers.txt:1: layers: cycle: base -> net -> base",
        )

    def test_a_line_that_cannot_be_read(self):
        self.assert_found(
            {"tools/layers.txt": CLEAN_TREE["tools/layers.txt"] + "net base\nexpr tests: moon\n"},
            "tools/layers.txt:8: layers: no line for the room moon",
            "tools/layers.txt:7: layers: expected",
        )

    def test_cmake_against_the_layers(self):
        self.assert_found(
            {"src/base/CMakeLists.txt": "harmonia_room(base\n  DEPENDS net LIBRARIES x)\n"},
            "src/base/CMakeLists.txt:2: layers: base may not depend on net",
        )
        self.assert_found(
            {
                "src/expr/CMakeLists.txt": "harmonia_room(expr TEST_LIBRARIES harmonia_store)\n"
                "target_link_libraries(harmonia_expr harmonia_net)\n"
            },
            "src/expr/CMakeLists.txt:2: layers: expr may not depend on net",
        )
        self.assert_found(
            {"src/base/CMakeLists.txt": "harmonia_room(base DEPENDS moon)\n"},
            "src/base/CMakeLists.txt:1: layers: DEPENDS on moon",
        )

    def test_a_library_outside_its_adapter(self):
        headers = [
            "boost/asio.hpp",
            "boost/beast/http.hpp",
            "boost/json.hpp",
            "curl/curl.h",
            "sqlite3.h",
            "yaml-cpp/yaml.h",
            "spdlog/spdlog.h",
            "CLI/CLI.hpp",
            "re2/re2.h",
            "openssl/evp.h",
        ]
        text = "".join(f"#include <{header}>\n" for header in headers)
        self.assert_found(
            {"src/store/all.cc": text},
            *[f"src/store/all.cc:{i}: adapters: <{h}>" for i, h in enumerate(headers, 1)],
        )
        self.assert_found(
            {"src/net/server.cc": "#include <boost/asio.hpp>\n#include <curl/curl.h>\n"}
        )

    def test_a_source_nothing_compiles(self):
        self.assert_found(
            {
                "src/base/CMakeLists.txt": "add_library(base id.cc)\n",
                "src/base/lost.cc": "int a;\n",
            },
            "src/base/lost.cc:1: build: no CMakeLists.txt",
        )
        self.assert_found(
            {"src/base/main.cc": "int a;\n"}, "src/base/main.cc:1: build: no CMakeLists.txt"
        )
        self.assert_found(
            {"CMakeLists.txt": "foreach(room base store net)\nendforeach()\n"},
            "src/expr/parse.cc:1: build: the root CMakeLists.txt",
        )


class Bans(TidyTest):
    def assert_banned(self, path: str, rule: str, *lines: str) -> None:
        for line in lines:
            with self.subTest(line):
                self.assert_found({path: f"{line}\n"}, f"{path}:1: {rule}:")

    def assert_free(self, path: str, *lines: str) -> None:
        for line in lines:
            with self.subTest(line):
                self.assert_found({path: f"{line}\n"})

    def test_everywhere(self):
        path = "src/net/a.cc"
        self.assert_banned(path, "ban-regex", "std::regex r;", "#include <regex>", "std::wregex r;")
        self.assert_banned(path, "ban-using", "using namespace std;")
        self.assert_banned(path, "ban-endl", "void f() { out << std::endl; }")
        self.assert_banned(path, "ban-throw", "void f() { throw 1; }")
        self.assert_free(
            path,
            "// throw std::regex",
            'const char* a = "throw";',
            "void rethrow();",
            "using namespace std::chrono_literals;",
        )

    def test_pure_rooms(self):
        path = "src/expr/a.cc"
        self.assert_banned(
            path,
            "pure-clock",
            "auto a = std::chrono::system_clock::duration();",
            "auto a = steady_clock::duration();",
            "auto a = Clock::now();",
            "auto a = time(nullptr);",
            "auto a = std::time(0);",
        )
        self.assert_banned(
            path,
            "pure-thread",
            "std::mutex m;",
            "std::thread t;",
            "std::jthread t;",
            "std::atomic<int> a;",
            "#include <atomic>",
            "#include <mutex>",
            "thread_local int a;",
            "std::shared_mutex m;",
            "std::atomic_int a;",
        )
        self.assert_banned(path, "pure-random", "std::random_device d;", "int a = rand();")
        self.assert_banned(
            path, "pure-environment", 'auto a = std::getenv("A");', 'auto a = getenv("A");'
        )
        self.assert_banned(path, "pure-coroutine", "T f() { co_return; }", "#include <coroutine>")
        self.assert_banned(
            path,
            "pure-files",
            "std::filesystem::path p;",
            "#include <filesystem>",
            "std::ifstream f;",
            'auto f = fopen("a", "r");',
        )
        self.assert_banned(
            path,
            "pure-streams",
            "#include <iostream>",
            "#include <sstream>",
            "std::ostringstream s;",
            'void f() { printf("a"); }',
            'void f() { std::puts("a"); }',
        )
        self.assert_free(
            path,
            "std::chrono::seconds timeout(1);",
            "auto a = event.time(1);",
            "Timestamp now() const;",
            "auto a = draft.now();",
            "int strand(int a);",
            "#include <chrono>",
            'void f() { snprintf(b, 1, "%d", 2); }',
            "int operand();",
            "bool environment();",
        )

    def test_tests_of_pure_rooms_and_other_rooms_are_free(self):
        self.assert_free("src/expr/a_test.cc", "#include <iostream>", "std::mutex m;")
        self.assert_free("src/net/a.cc", "#include <iostream>", "std::mutex m;")


class Sizes(TidyTest):
    def test_files(self):
        self.assert_found(
            {"src/net/a.cc": "\n" * 500, "src/net/b.h": "#pragma once\n" + "\n" * 249}
        )
        self.assert_found(
            {"src/net/a.cc": "\n" * 501}, "src/net/a.cc:501: size-file: 501 lines, at most 500"
        )
        self.assert_found(
            {"src/net/b.h": "#pragma once\n" + "\n" * 250}, "src/net/b.h:251: size-file:"
        )

    def test_lines(self):
        self.assert_found({"src/net/a.cc": "//" + "x" * 98 + "\n"})
        self.assert_found(
            {"tests/a.cc": "//" + "x" * 99 + "\n"}, "tests/a.cc:1: size-line: 101 columns"
        )

    def test_functions(self):
        body = "  f();\n"
        self.assert_found({"src/net/a.cc": "void g() {\n" + body * 68 + "}\n"})
        self.assert_found(
            {"src/net/a.cc": "\nclass A {\n  A() : a_{1}, b_(2) {\n" + body * 69 + "}\n};\n"},
            "src/net/a.cc:3: size-function: A has 71 lines, at most 70",
        )

    def test_parameters(self):
        self.assert_found(
            {"src/net/a.h": "#pragma once\nint f(int a, int b, int c, int d, std::map<A, B> e);\n"}
        )
        self.assert_found(
            {"src/net/a.h": "#pragma once\nint f(int a, int b, int c, int d, int e, A = h(1));\n"},
            "src/net/a.h:2: size-parameters: f has 6 parameters, at most 5",
        )

    def test_exceptions_need_a_reason_and_a_use(self):
        table = "tools/tidy_exceptions.txt"
        long_file = {"src/net/a.cc": "\n" * 501}
        self.assert_found({**long_file, table: "size-file src/net/a.cc - a table of all codes\n"})
        self.assert_found(
            {**long_file, table: "size-file src/net/a.cc -\n"},
            f"{table}:1: exceptions: expected",
            "src/net/a.cc:501: size-file",
        )
        self.assert_found(
            {table: "size-file src/net/a.cc - a table\n"}, f"{table}:1: exceptions: nothing needs"
        )
        long_function = {"src/net/a.cc": "void g() {\n" + "  f();\n" * 70 + "}\n"}
        self.assert_found(
            {**long_function, table: "size-function src/net/a.cc g one clear switch\n"}
        )
        self.assert_found(
            {**long_function, table: "size-function src/net/a.cc h one clear switch\n"},
            f"{table}:1: exceptions: nothing needs",
            "src/net/a.cc:1: size-function",
        )


class Functions(unittest.TestCase):
    def assert_functions(self, code: str, *expected: tuple[str, int, int, int]) -> None:
        found = [(f.name, f.line, f.lines, f.parameters) for f in find_functions(blank(code))]
        self.assertEqual(found, list(expected))

    def test_definitions(self):
        self.assert_functions(
            "namespace a {\n\nint f(int x) {\n  return x;\n}\n}\n", ("f", 3, 3, 1)
        )
        self.assert_functions(
            "template <class T, class U = int>\nauto f(T a, U b) -> std::pair<T, U> {\n}\n",
            ("f", 1, 3, 2),
        )
        self.assert_functions(
            "Result<std::map<A, B>> f(std::function<void(int, int)> g) noexcept(true) {}",
            ("f", 1, 1, 1),
        )
        self.assert_functions(
            "struct A : B {\n  A(int a)\n      : a_{a},\n        b_{[a] { return a; }} {\n  }\n};",
            ("A", 2, 4, 1),
        )
        self.assert_functions(
            "bool operator()(A a, B b) const { return a < b; }", ("operator_call", 1, 1, 2)
        )
        self.assert_functions(
            "bool operator<(A a, B b) { return true; }", ("operator_sign", 1, 1, 2)
        )

    def test_what_is_no_function(self):
        self.assert_functions(
            "std::function<int(int, int)> f{g};\nint x{h(1)};\nauto y = z(1, 2);\n"
            "const auto l = [](int a, int b) {\n  return a;\n};\n"
            'enum class E : int { a, b };\nstatic_assert(true, "x");\nusing F = void(int);\n'
            "#define M(a) \\\n  if (a) { \\\n  }\n"
        )

    def test_literals_do_not_confuse(self):
        self.assert_functions(
            "int f() { char c = '{'; int n = 1'000'000; return n; }\nint g();\n",
            ("f", 1, 1, 0),
            ("g", 2, 0, 0),
        )
        self.assert_functions(
            'auto f() { return R"x({ " )x"; }\nint g(int);\n', ("f", 1, 1, 0), ("g", 2, 0, 1)
        )


class Coroutines(unittest.TestCase):
    def rules(self, code: str) -> list[str]:
        return [fault.rule for fault in find_faults(blank(code))]

    def assert_faults(self, rule: str, *statements: str) -> None:
        for statement in statements:
            with self.subTest(statement):
                self.assertEqual(self.rules(f"aw<void> f() {{\n  {statement}\n}}\n"), [rule])

    def assert_fine(self, *statements: str) -> None:
        for statement in statements:
            with self.subTest(statement):
                self.assertEqual(self.rules(f"aw<void> f() {{\n  {statement}\n}}\n"), [])

    def test_lambdas_with_captures(self):
        self.assert_faults(
            "coroutine-lambda",
            "co_await g([sp] { use(sp); });",
            "co_await g([sp = std::move(sp)]() mutable -> aw<void> { co_await h(); });",
            "co_await net::async_initiate<T, void(int)>([sp](auto h) { run(h); }, token);",
            "auto x = co_await g(1, [=](int a) { return a; });",
            "if (co_await g([sp] { return 1; })) h();",
            "co_return co_await g([&a, sp] { use(sp); });",
        )

    def test_braces(self):
        self.assert_faults(
            "coroutine-braces",
            'co_await g({.name = "n"});',
            "co_await g(Options{a, 1, b});",
            "co_await g(std::array<std::string, 2>{a, b});",
            "Pair x{co_await g(), 2};",
            "Pair x = {co_await g(), 2};",
            "co_return Pair{co_await g(), 2};",
            "co_await Pair{1, 2}.member();",
            "co_await g(h()->name, Pair{1, 2});",
            'co_await g({"a", "b"});',
            "while (co_await g(Options{})) { h(); }",
            "for (auto x : co_await g({1, 2})) { h(x); }",
        )

    def test_choices(self):
        self.assert_faults(
            "coroutine-choice",
            "co_await g(c ? std::string(a) : std::string(b));",
            'std::string s = c ? (co_await g()).s : "";',
        )

    def test_what_is_compiled_rightly(self):
        self.assert_fine(
            "co_await g(std::string(a), Options(1));",
            'co_await g(std::string{"a"}, std::optional<std::map<A, B>>{b});',
            "co_await g(std::chrono::seconds{5});",
            "co_await g([&x] { use(x); });",
            "co_await g([&] { use(x); });",
            "co_await g([this](int a) { use(a); });",
            "co_await g([](int a) -> aw<void> { co_await h(a); });",
            "auto [error, size] = co_await read(stream, buffer, token);",
            "if (auto x = co_await g(); x > 1) { Pair p{x}; h(p); } else { auto y = c ? 1 : 2; }",
            "for (auto x : co_await g()) { Pair p{x, x}; }",
            "switch (co_await g()) { case 1: { Pair p{1, 2}; break; } }",
            "try { co_await g(); } catch (const Error& e) { Pair p{1, 2}; }",
            "auto lambda = [sp] { use(sp); }; co_await g(std::move(lambda));",
            "Options options{1, 2}; co_await g(std::move(options));",
            "auto work = g({1, 2}); co_await std::move(work);",
            "co_spawn(context, [sp]() -> aw<void> { co_await sp->run(); }, detached);",
            "co_spawn(context, [sp]() -> aw<int, E> { co_return co_await sp->run(); }, detached);",
            "if (x) [[unlikely]] { co_await g(); Pair p{1, 2}; }",
            "while (a[i] > 0) { co_await g(a[i]); }",
        )

    def test_around_functions(self):
        self.assertEqual(
            self.rules(
                "namespace n {\nclass A final : public B<C, D> {\n public:\n"
                "  A() : a_{1} { Pair p{1, 2}; }\n"
                "  template <class T>\n  auto run() -> aw<T, E> { Pair p{1, 2}; co_await g(p); }\n"
                "  aw<void> stop() const { co_await g(); x_ = a ? b : c; }\n  int x_{0};\n};\n}\n"
            ),
            [],
        )

    def test_inside_lambdas_that_are_coroutines(self):
        self.assertEqual(
            self.rules("void f() {\n  spawn([sp]() -> aw<void> { co_await g(Options{1}); });\n}\n"),
            ["coroutine-braces"],
        )

    def test_the_place_is_that_of_the_fault(self):
        self.assertEqual(
            findings({"src/net/a.cc": "aw<void> f() {\n  co_await g(\n      Options{1});\n}\n"}),
            [
                "src/net/a.cc:3: coroutine-braces: braces in an expression with co_await: "
                "name the object first, then move it"
            ],
        )


class Files(TidyTest):
    def test_leftovers(self):
        for word in ("FIXME", "TODO", "XXX", "HACK"):
            self.assert_found(
                {"src/net/a.cc": f"// {word}: later\n"}, f"src/net/a.cc:1: leftover: {word}"
            )
        self.assert_found({"src/net/a.cc": 'const char* a = "XXXXXX";\n', "docs/b.md": "# B\n"})

    def test_folder_names(self):
        for name in ("utils", "common", "helpers", "misc"):
            self.assert_found({f"docs/{name}/a.md": "# A\n"}, f"docs/{name}:1: folder-name:")

    def test_blanks(self):
        self.assert_found(
            {"src/net/a.cc": "int a; \n"}, "src/net/a.cc:1: blanks: blanks at the end"
        )
        self.assert_found({"src/net/a.cc": "int a;"}, "src/net/a.cc:1: blanks: no line break")

    def test_titles(self):
        self.assert_found({"docs/a.md": "text\n"}, "docs/a.md:1: title: 0 titles")
        self.assert_found({"docs/a.md": "# A\n\n# B\n"}, "docs/a.md:3: title: 2 titles")

    def test_headers(self):
        self.assert_found({"src/net/a.h": "int f();\n"}, "src/net/a.h:1: pragma-once:")
        self.assert_found(
            {
                "src/net/a.h": "#pragma once\n",
                "src/net/a.cc": '#include <string>\n#include "net/a.h"\n',
            },
            'src/net/a.cc:1: own-header: include "net/a.h" first',
        )


class Program(unittest.TestCase):
    def run_tidy(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [TOOLS / "tidy", *arguments], capture_output=True, text=True, check=False
        )

    def test_exit_code_and_last_line(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "tools").mkdir()
            (Path(folder) / "tools/layers.txt").write_text("base:\n")
            clean = self.run_tidy("--root", folder)
            (Path(folder) / "a.md").write_text("no title \n")
            dirty = self.run_tidy("--root", folder)
        self.assertEqual((clean.returncode, clean.stdout), (0, "tidy: 1 files, no findings\n"))
        self.assertEqual(dirty.returncode, 1)
        self.assertEqual(dirty.stdout.splitlines()[-1], "tidy: 2 files, 2 findings")

    def test_help(self):
        self.assertIn("Rules:", self.run_tidy("--help").stdout)


if __name__ == "__main__":
    unittest.main()
