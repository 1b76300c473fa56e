#!/usr/bin/env python3
"""`harmonia run`, `validate` and `verify`, as a user meets them."""

import json
import signal
import sqlite3
import unittest

from harness import Case

HELLO = """
name: hello
tasks:
  greet: { type: set, values: { text: "Hello, ${input.?name.orValue('world')}!" } }
output: "${tasks.greet.output}"
"""

SLOW = """
name: slow
tasks:
  first:
    component: script
    action: run
    input: { command: [sh, -c, "echo x >> $MARK"], env: { MARK: "${input.mark}" } }
  rest: { type: wait, depends_on: [first], duration: 600 }
"""

LAST = """
  last:
    component: script
    action: run
    depends_on: [rest]
    input: { command: [sh, -c, "echo y >> $MARK"], env: { MARK: "${input.mark}" } }
"""

BAD = """name: x
tasks:
  a: { type: sett }
  b: { depends_on: [c], component: log, input: { message: b } }
"""

WARNED = """name: x
tasks:
  a: { component: noop, retry_policy: { initial_delay: 9, max_delay: 1 } }
"""

FAILING = """
name: failing
tasks:
  broken:
    component: script
    action: run
    retry_policy: { max_retries: 1, initial_delay: 0.05 }
    input: { command: [sh, -c, "echo no luck >&2; exit 3"] }
"""


class RunTest(Case):
    def test_output_goes_to_stdout_and_progress_to_stderr(self):
        done = self.run_workflow(self.write("hello.yaml", HELLO), "--input", '{"name": "Ada"}')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), {"text": "Hello, Ada!"})
        self.assertIn("greet: completed", done.stderr)
        self.assertNotIn("\x1b", done.stderr)

    def test_a_failed_run_is_exit_code_1_with_task_and_reason(self):
        done = self.run_workflow(self.write("failing.yaml", FAILING))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertIn("attempt 1 failed: exit_3", done.stderr)
        self.assertIn("the run failed in task broken: exit_3", done.stderr)
        self.assertIn("no luck", done.stderr)

    def test_json_tells_status_and_error(self):
        done = self.run_workflow(self.write("failing.yaml", FAILING), "--json", "--no-progress")
        answer = json.loads(done.stdout)
        self.assertEqual(answer["status"], "failed")
        self.assertEqual(answer["error"]["task"], "broken")

    def test_input_may_be_a_file_or_standard_input(self):
        file = self.write("hello.yaml", HELLO)
        name = self.write("input.json", '{"name": "Bob"}')
        done = self.run_workflow(file, "--input", "@" + name, "--memory")
        self.assertIn("Hello, Bob!", done.stdout)
        done = self.run_workflow(file, "-i", "-", "--memory", stdin='{"name": "Eve"}')
        self.assertIn("Hello, Eve!", done.stdout)
        done = self.harmonia("run", "-", "--memory", stdin=HELLO)
        self.assertIn("Hello, world!", done.stdout)

    def test_a_wrong_input_is_told_and_nothing_runs(self):
        file = self.write("hello.yaml", HELLO)
        for text, part in (
            ('{"name": ', "line 1"),
            ("[1]", "must be a JSON object"),
            ("@/no/such/file", "/no/such/file"),
        ):
            done = self.run_workflow(file, "--input", text)
            self.assertEqual(done.returncode, 2, text)
            self.assertIn(part, done.stderr)
            self.assertNotIn("started", done.stderr)

    def test_an_input_that_breaks_the_schema_is_refused(self):
        file = self.write(
            "typed.yaml", HELLO + "input_schema: { type: object, required: [name] }\n"
        )
        done = self.run_workflow(file)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("name", done.stderr)

    def test_ctrl_c_cancels(self):
        mark = str(self.folder / "mark")
        process = self.start("run", self.write("slow.yaml", SLOW), "--data-dir", str(self.data),
                             "--input", json.dumps({"mark": mark}))
        self.wait_for_text(process, "rest: waits")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=20), 130)
        self.assertIn("canceled", process.stderr.read())

    def test_the_timeout_cancels(self):
        mark = str(self.folder / "mark")
        done = self.run_workflow(self.write("slow.yaml", SLOW), "--timeout", "0.3",
                                 "--input", json.dumps({"mark": mark}))
        self.assertEqual(done.returncode, 124, done.stderr)

    def test_a_killed_run_is_finished_by_the_next_and_nothing_done_is_repeated(self):
        text = SLOW.replace("duration: 600", "duration: 2")
        text += LAST
        mark = self.folder / "mark"
        process = self.start("run", self.write("slow.yaml", text), "--data-dir", str(self.data),
                             "--input", json.dumps({"mark": str(mark)}))
        self.wait_for_text(process, "rest: waits")
        process.kill()
        process.wait()
        done = self.harmonia("run", "--resume", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("finishing the run of slow", done.stderr)
        self.assertEqual(mark.read_text(), "x\ny\n")
        done = self.harmonia("run", "--resume", "--data-dir", str(self.data))
        self.assertIn("no run was left unfinished", done.stderr)
        done = self.harmonia("verify", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("healthy (1 run,", done.stdout)

    def test_what_nobody_can_answer_is_left_and_goes_on_with_an_answer(self):
        file = self.write("ask.yaml", """
name: ask
tasks:
  check: { type: approval }
  paid: { type: event, event: paid, depends_on: [check] }
output: { paid: "${tasks.paid.output}" }
""")
        done = self.run_workflow(file)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("check waits for approval; answer with --approve 'check'", done.stderr)
        again = self.harmonia("run", "--resume", "--data-dir", str(self.data), "--approve", "check")
        self.assertEqual(again.returncode, 3, again.stderr)
        self.assertIn("--event 'paid={}'", again.stderr)
        last = self.harmonia("run", "--resume", "--data-dir", str(self.data), "--event", "paid=7")
        self.assertEqual(last.returncode, 0, last.stderr)
        self.assertIn("completed", last.stderr)

    def test_an_answer_that_is_refused_is_told(self):
        file = self.write("ask.yaml", """
name: ask
tasks:
  check:
    type: approval
    form: { type: object, required: [amount] }
""")
        done = self.run_workflow(file, "--approve", 'check={"amont": 1}')
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("does not match the form", done.stderr)
        wrong = self.run_workflow(file, "--approve", "check={")
        self.assertEqual(wrong.returncode, 2, wrong.stderr)

    def test_an_incident_is_tried_again_once_for_each_answer(self):
        file = self.write("fail.yaml", """
name: fail
tasks:
  work: { component: script, action: run, on_error: incident, input: { command: ["false"] } }
""")
        done = self.run_workflow(file, "--resolve", "work=retry", "--resolve", "work=skip")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("(attempt 2)", done.stderr)
        self.assertIn("work: skipped", done.stderr)

    def test_two_runs_in_one_folder_are_kept_apart(self):
        mark = str(self.folder / "mark")
        process = self.start("run", self.write("slow.yaml", SLOW), "--data-dir", str(self.data),
                             "--input", json.dumps({"mark": mark}))
        self.wait_for_text(process, "rest: waits")
        done = self.run_workflow(self.write("hello.yaml", HELLO))
        self.assertEqual(done.returncode, 1)
        self.assertIn("in use by process", done.stderr)


class VerifyTest(Case):
    def test_rows_that_do_not_follow_from_history_are_found(self):
        mark = str(self.folder / "mark")
        process = self.start("run", self.write("slow.yaml", SLOW), "--data-dir", str(self.data),
                             "--input", json.dumps({"mark": mark}))
        self.wait_for_text(process, "rest: waits")
        process.kill()
        process.wait()
        database = sqlite3.connect(self.data / "run" / "harmonia.db")
        tables = [row[0] for row in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%timer%'")]
        with database:
            for table in tables:
                database.execute(f"DELETE FROM {table}")
        database.close()
        done = self.harmonia("verify", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("1 timers are owed by its history, the rows hold 0", done.stdout)

    def test_a_database_in_use_is_left_alone(self):
        server = self.serve()
        done = self.harmonia("verify", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 1)
        self.assertIn("in use by process", done.stderr)
        server.stop()


LISTED = """
name: listed
tasks:
  - { name: First thing, component: log, action: write, input: { message: hello } }
"""


class ExportTest(Case):
    def test_any_dialect_is_printed_in_the_canonical_form(self):
        done = self.harmonia("export", self.write("listed.yaml", LISTED))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("became a map by id", done.stderr)
        self.assertIn("  first_thing:\n    name: First thing\n", done.stdout)
        again = self.harmonia("export", self.write("canonical.yaml", done.stdout))
        self.assertEqual((again.stdout, again.stderr), (done.stdout, ""))
        as_json = self.harmonia("export", self.write("canonical.yaml", done.stdout), "--as", "json")
        self.assertEqual(list(json.loads(as_json.stdout)["tasks"]), ["first_thing"])

    def test_drawings_and_faults(self):
        file = self.write("listed.yaml", LISTED)
        self.assertIn("flowchart TD\n", self.harmonia("export", file, "--as", "mermaid").stdout)
        self.assertIn("digraph", self.harmonia("export", file, "--as", "dot").stdout)
        wrong = self.harmonia("export", file, "--as", "svg")
        self.assertEqual((wrong.returncode, wrong.stdout), (2, ""))
        bad = self.harmonia("export", self.write("bad.yaml", BAD))
        self.assertEqual((bad.returncode, bad.stdout), (1, ""))
        self.assertIn("^", bad.stderr)


class ValidateTest(Case):
    def test_every_problem_has_place_and_caret(self):
        file = self.write("bad.yaml", BAD)
        done = self.harmonia("validate", file)
        self.assertEqual(done.returncode, 1)
        self.assertIn(file + ":3:", done.stderr)
        self.assertIn(file + ":4:", done.stderr)
        self.assertIn("^", done.stderr)
        self.assertIn(file + ": not valid: 2 errors", done.stderr)

    def test_json_holds_the_problems_with_all_that_people_see(self):
        file = self.write("bad.yaml", "name: x\ntasks: { a: { type: sett } }\n")
        done = self.harmonia("validate", "--json", file, self.write("hello.yaml", HELLO))
        self.assertEqual(done.returncode, 1)
        answer = json.loads(done.stdout)
        self.assertFalse(answer["valid"])
        self.assertEqual((answer["errors"], answer["warnings"]), (1, 0))
        self.assertEqual([one["valid"] for one in answer["files"]], [False, True])
        problem = answer["files"][0]["problems"][0]
        self.assertEqual(problem["severity"], "error")
        self.assertEqual(problem["pointer"], "/tasks/a/type")
        self.assertEqual((problem["line"], problem["column"]), (2, 21))
        self.assertEqual(problem["excerpt"], "tasks: { a: { type: sett } }\n" + " " * 20 + "^")
        self.assertIn("set", problem["hint"])

    def test_places_in_json_files_are_those_of_the_text(self):
        text = '{\n  "name": "x",\n  "tasks": {\n    "a": {"type": "sett"}\n  }\n}\n'
        done = self.harmonia("validate", "--json", self.write("bad.json", text))
        problem = json.loads(done.stdout)["files"][0]["problems"][0]
        self.assertEqual((problem["line"], problem["column"]), (4, 19))

    def test_strict_treats_warnings_as_errors(self):
        file = self.write("warned.yaml", WARNED)
        done = self.harmonia("validate", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 warning", done.stdout)
        done = self.harmonia("validate", "--strict", file)
        self.assertEqual(done.returncode, 1)
        self.assertIn(file + ": not valid: 1 warning", done.stderr)
        done = self.harmonia("validate", "--strict", "--json", file)
        self.assertEqual(done.returncode, 1)
        self.assertFalse(json.loads(done.stdout)["valid"])

    def test_several_files_end_with_a_summary(self):
        good = self.write("hello.yaml", HELLO)
        done = self.harmonia("validate", good, self.write("bad.yaml", BAD), good)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.endswith("3 files: 2 valid, 1 not; 2 errors\n"), done.stderr)
        done = self.harmonia("validate", good, good)
        self.assertTrue(done.stdout.endswith("2 files: 2 valid, 0 not\n"), done.stdout)

    def test_standard_input_and_good_files(self):
        self.assertEqual(self.harmonia("validate", "-", stdin=HELLO).returncode, 0)
        done = self.harmonia("validate", "-", stdin=BAD)
        self.assertEqual(done.returncode, 1)
        self.assertIn("<stdin>:3:", done.stderr)

    def test_bad_bytes_are_told(self):
        cases = {
            "absent": None,
            "folder": None,
            "empty": b"",
            "truncated": b'{"name": "x", "tasks": {"a": {"type": "set"',
            "not utf-8": b"name: \xff\xfe\ntasks: {}\n",
            "binary": bytes(range(256)) * 100,
            "long text": b'{"name": "' + b"x" * (10 << 20) + b'"}',
            "deep": b"[" * 100_000,
        }
        for name, data in cases.items():
            with self.subTest(name):
                path = self.folder / name
                if data is not None:
                    path.write_bytes(data)
                elif name == "folder":
                    path.mkdir()
                done = self.harmonia("validate", str(path))
                can_be_read = data is not None
                self.assertEqual(done.returncode, 1 if can_be_read else 2, done.stderr[:500])
                self.assertTrue(done.stderr.strip())
                self.assertLess(len(done.stderr), 100_000)
                done = self.harmonia("validate", "--json", str(path))
                self.assertFalse(json.loads(done.stdout)["valid"])


class ExprTest(Case):
    def test_an_expression_prints_its_value_as_json(self):
        done = self.harmonia(
            "expr", "order.items.map(i, i * n)", "--with", '{"order": {"items": [1, 2]}, "n": 3}'
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), [3, 6])
        self.assertEqual(self.harmonia("expr", "1 + 1").stdout, "2\n")

    def test_text_with_expressions_is_a_template(self):
        arguments = ("expr", "Hello ${input.name}!", "--with", '{"input": {"name": "Ada"}}')
        self.assertEqual(self.harmonia(*arguments).stdout, '"Hello Ada!"\n')
        self.assertEqual(self.harmonia(*arguments, "--raw").stdout, "Hello Ada!\n")
        self.assertEqual(self.harmonia("expr", "${1 + 1}").stdout, "2\n")

    def test_expression_and_data_come_from_files_and_standard_input(self):
        data = self.write("data.json", '{"n": 20}')
        code = self.write("code.cel", "n +\n  1\n")
        self.assertEqual(self.harmonia("expr", "@" + code, "--with", "@" + data).stdout, "21\n")
        self.assertEqual(self.harmonia("expr", "n", "--with", "-", stdin='{"n": 2}').stdout, "2\n")
        done = self.harmonia("expr", "-", "--with", "@" + data, stdin="${n}\n")
        self.assertEqual(done.stdout, "20\n")

    def test_what_does_not_compile_has_a_caret_and_a_hint(self):
        done = self.harmonia("expr", "1 + inptu.n", "--with", '{"input": {"n": 1}}')
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("expression:1:5: error: ", done.stderr)
        self.assertIn("\n  1 + inptu.n\n      ^\n", done.stderr)
        self.assertIn("input", done.stderr.replace("inptu", ""))

    def test_what_fails_says_what_was_there(self):
        done = self.harmonia("expr", "input.missing", "--with", '{"input": {"there": 1}}')
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("missing", done.stderr)
        self.assertIn("hint:", done.stderr)

    def test_json_has_result_type_and_errors(self):
        done = self.harmonia("expr", "--json", "1.5")
        self.assertEqual(json.loads(done.stdout), {"result": 1.5, "type": "number"})
        done = self.harmonia("expr", "--json", "1 +")
        self.assertEqual(done.returncode, 1)
        error = json.loads(done.stdout)["error"]
        self.assertEqual(error["code"], "expression")
        self.assertEqual(error["problems"][0]["line"], 1)
        self.assertTrue(error["problems"][0]["excerpt"].endswith("^"))

    def test_input_that_cannot_be_read_is_wrong_usage(self):
        for arguments in (
            ("1", "--with", "[1]"),
            ("1", "--with", "{"),
            ("1", "--with", "@/nowhere.json"),
            ("@/nowhere.cel",),
            ("-", "--with", "-"),
            (),
        ):
            with self.subTest(arguments):
                done = self.harmonia("expr", *arguments)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertTrue(done.stderr.strip())

    def test_help_teaches_by_examples(self):
        done = self.harmonia("expr", "--help")
        self.assertIn("harmonia expr 'items.filter(", done.stdout)


class CommandLineTest(Case):
    def test_an_unknown_command_is_told_with_the_nearest(self):
        done = self.harmonia("serv")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean serve?", done.stderr)

    def test_help_teaches(self):
        done = self.harmonia("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("harmonia run examples/hello.yaml", done.stdout)
        self.assertRegex(self.harmonia("version").stdout, r"^harmonia \d+\.\d+\.\d+\n$")

    def test_a_data_folder_that_cannot_be_written_is_told(self):
        self.data.write_text("a file in the way")
        done = self.run_workflow(self.write("hello.yaml", HELLO))
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.data), done.stderr)

    def test_verify_without_a_database_is_wrong_usage(self):
        done = self.harmonia("verify", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no database", done.stderr)
        self.assertFalse(self.data.exists())


if __name__ == "__main__":
    unittest.main()
