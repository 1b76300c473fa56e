#!/usr/bin/env python3
"""`harmonia serve` with its REST API and the commands that are its clients."""

import json
import re
import signal
import socket
import unittest

from harness import Case, wait_until

HELLO = {
    "name": "hello",
    "tasks": {"greet": {"type": "set", "values": {"text": "Hello, ${input.name}!"}}},
    "output": "${tasks.greet.output.text}",
}
SLEEP = {"name": "sleep", "tasks": {"nap": {"type": "wait", "duration": 600}}}


class RestTest(Case):
    def test_a_workflow_is_stored_run_and_read_back(self):
        server = self.serve()
        workflow = server.create(HELLO)
        run = server.execute(workflow, {"name": "Ada"})
        ended = server.wait_for_end(run)
        self.assertEqual(ended["status"], "completed")
        self.assertEqual(ended["output"], "Hello, Ada!")
        status, listed = server.call("GET", "/api/executions?status=completed")
        self.assertEqual([one["id"] for one in listed["items"]], [run])
        status, history = server.call("GET", f"/api/executions/{run}/history")
        self.assertEqual([one["seq"] for one in history["items"]], [1, 2, 3])
        self.assertEqual(server.stop(), 0)

    def test_pause_resume_and_cancel(self):
        server = self.serve()
        run = server.execute(server.create(SLEEP))
        for action, status in (("pause", "paused"), ("resume", "running"), ("cancel", "canceled")):
            code, answer = server.call("POST", f"/api/executions/{run}/{action}", {})
            self.assertLess(code, 300, answer)
            self.assertEqual(server.execution(run)["status"], status)
        code, problem = server.call("POST", f"/api/executions/{run}/cancel", {})
        self.assertIn(code, (200, 202, 409))

    def test_bad_bodies_are_answered_with_problems(self):
        server = self.serve()
        cases = [
            (b'{"name": ', 400),
            (b"\xff\xfe", 400),
            (b"[]", 422),
            (b'{"name": "x", "tasks": {"a": {"type": "sett"}}}', 422),
            (b"[" * 10_000, 400),
        ]
        for body, expected in cases:
            with self.subTest(body[:40]):
                status, problem = server.call("POST", "/api/workflows", raw=body)
                self.assertIn(status, (400, 422), problem)
                self.assertEqual(status, expected, problem)
                self.assertTrue(problem["detail"])
        status, _ = server.call("POST", "/api/workflows", raw=b'"' + b"x" * (17 << 20) + b'"')
        self.assertEqual(status, 413)
        self.assertEqual(server.call("GET", "/health")[0], 200)

    def test_scripts_are_refused_unless_enabled(self):
        server = self.serve()
        run = server.execute(server.create(
            {"name": "s", "tasks": {"a": {"component": "script", "action": "run",
                                          "input": {"command": ["true"]}}}}))
        ended = server.wait_for_end(run)
        self.assertEqual(ended["status"], "failed")
        self.assertEqual(ended["error"]["code"], "refused")

    def test_secrets_come_from_the_environment_and_are_not_stored(self):
        server = self.serve("--enable-scripts", HARMONIA_SECRET_TOKEN="very-secret")
        script = 'test "$(printf %s "$TOKEN" | wc -c)" -eq 11'
        run = server.execute(server.create(
            {"name": "s", "tasks": {"a": {"component": "script", "action": "run", "input": {
                "command": ["sh", "-c", script], "env": {"TOKEN": "${secret.TOKEN}"}}}}}))
        ended = server.wait_for_end(run)
        self.assertEqual(ended["status"], "completed", ended)
        self.assertNotIn("very-secret", json.dumps(ended))
        server.stop()
        for file in self.data.rglob("*"):
            if file.is_file():
                self.assertNotIn(b"very-secret", file.read_bytes())

    def test_only_allowed_variables_are_visible(self):
        server = self.serve("--env-allow", "SHOWN", SHOWN="yes", HIDDEN="no")
        definition = {"name": "e", "tasks": {"a": {"type": "set", "values": {
            "shown": "${env.SHOWN}", "hidden": "${env.?HIDDEN.orValue('absent')}"}}},
            "output": "${tasks.a.output}"}
        ended = server.wait_for_end(server.execute(server.create(definition)))
        self.assertEqual(ended["output"], {"shown": "yes", "hidden": "absent"})


class StartTest(Case):
    def test_a_port_in_use_is_told_before_anything_starts(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            done = self.harmonia("serve", "--port", port, "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 1)
        self.assertIn(port, done.stderr)
        self.assertIn("in use", done.stderr)
        self.assertFalse(self.data.exists())

    def test_a_data_folder_in_use_is_told(self):
        self.serve()
        done = self.harmonia("serve", "--port", "0", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 1)
        self.assertIn("in use by process", done.stderr)

    def test_an_address_that_others_reach_is_refused(self):
        done = self.harmonia("serve", "--host", "0.0.0.0", "--data-dir", str(self.data))
        self.assertEqual(done.returncode, 2)
        self.assertIn("--insecure", done.stderr)

    def test_wrong_settings_are_told_all_at_once_with_their_source(self):
        config = self.write("c.yaml", "port: 1\nprot: 2\nlog_level: loud\n")
        done = self.harmonia("serve", "--config", config, "--shards", "0", HARMONIA_IO_THREADS="x")
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{config}:2: unknown setting", done.stderr)
        self.assertIn(f"{config}:3:", done.stderr)
        self.assertIn("--shards", done.stderr)
        self.assertIn("HARMONIA_IO_THREADS", done.stderr)

    def test_sigterm_ends_gracefully_and_runs_go_on_after_a_restart(self):
        server = self.serve()
        definition = {"name": "nap", "tasks": {"nap": {"type": "wait", "duration": 1.5}}}
        run = server.execute(server.create(definition))
        self.assertEqual(server.stop(), 0)
        server = self.serve()
        self.assertEqual(server.wait_for_end(run)["status"], "completed")

    def test_sigint_ends_too(self):
        server = self.serve()
        server.process.send_signal(signal.SIGINT)
        self.assertEqual(server.process.wait(timeout=20), 0)


class ClientTest(Case):
    def client(self, server, *arguments, **more):
        return self.harmonia(*arguments, HARMONIA_URL=server.url, **more)

    def test_the_commands_of_a_workflow(self):
        server = self.serve()
        file = self.write("hello.json", json.dumps(HELLO))
        done = self.client(server, "workflow", "create", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        workflow = re.search(r"workflow ([0-9a-f-]{36})", done.stdout).group(1)
        self.assertIn("hello", self.client(server, "workflow", "list").stdout)
        done = self.client(server, "workflow", "execute", workflow, "-i", '{"name": "A"}', "--wait")
        self.assertEqual((done.returncode, done.stdout), (0, '"Hello, A!"\n'))
        done = self.client(server, "workflow", "execute", workflow, "--wait")
        self.assertEqual(done.returncode, 1)
        self.assertIn("expression", done.stderr)
        done = self.client(server, "workflow", "update", workflow, file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.client(server, "workflow", "delete", workflow).returncode, 0)
        done = self.client(server, "workflow", "get", workflow)
        self.assertEqual(done.returncode, 1)
        self.assertIn(workflow, done.stderr)

    def test_the_commands_of_an_execution(self):
        server = self.serve()
        run = server.execute(server.create(SLEEP))
        self.assertIn("sleep", self.client(server, "execution", "list").stdout)
        self.assertIn("nap", self.client(server, "execution", "tasks", run).stdout)
        self.assertIn("paused", self.client(server, "execution", "pause", run).stdout)
        self.assertIn("running", self.client(server, "execution", "resume", run).stdout)
        watching = self.start("execution", "watch", run, HARMONIA_URL=server.url)
        self.assertIn("workflow_started", watching.stderr.readline())
        done = self.client(server, "execution", "cancel", run, "--reason", "enough")
        self.assertIn("canceled", done.stdout)
        self.assertEqual(watching.wait(timeout=20), 130)
        self.assertIn("enough", watching.stderr.read())
        history = json.loads(self.client(server, "execution", "history", run, "--json").stdout)
        self.assertEqual(history[-1]["event_type"], "workflow_canceled")

    def test_people_answer_what_runs_ask(self):
        server = self.serve()
        url = ("--server", server.url)
        asks = self.write("asks.yaml", """
name: asks
tasks:
  orders:
    type: map
    items: [1, 2]
    do:
      check: { type: approval, title: "Order ${item}?", assignees: [ada], on_reject: continue }
  paid: { type: event, event: order.paid, correlation: "4711" }
  go: { type: event, event: go }
""")
        self.assertEqual(self.harmonia("workflow", "create", asks, *url).returncode, 0)
        status, started = server.call("POST", "/api/workflows/asks/execute", {})
        self.assertEqual(status, 202, started)
        run = started["id"]
        listed = self.harmonia("approvals", "--assignee", "ada", *url)
        self.assertIn("orders[1]/check", listed.stdout)
        self.assertIn("Order 2?", listed.stdout)
        nobody = self.harmonia("approvals", "--assignee", "eve", *url)
        self.assertIn("nothing waits for a decision", nobody.stdout)
        done = self.harmonia("execution", "approve", run, "orders[0]/check", "--by", "ada", *url)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.harmonia("execution", "reject", run, "orders[1]/check", "--comment", "no", *url)
        self.assertEqual(done.returncode, 0, done.stderr)
        again = self.harmonia("execution", "approve", run, "orders[0]/check", *url)
        self.assertEqual(again.returncode, 1, again.stdout)
        sent = self.harmonia("event", "order.paid", "4711", "--payload", "7", "--id", "p", *url)
        self.assertIn("event p is sent", sent.stdout)
        tasks = self.harmonia("execution", "tasks", run, *url)
        self.assertIn("waits for event", tasks.stdout)
        done = self.harmonia("execution", "signal", run, "go", "--payload", '{"a": 1}', *url)
        self.assertEqual(done.returncode, 0, done.stderr)
        wait_until(
            lambda: server.call("GET", f"/api/executions/{run}")[1]["status"] == "completed",
            "the end of the run")
        output = server.call("GET", f"/api/executions/{run}")[1]["output"]
        self.assertEqual([one["approved"] for one in output["orders"]], [True, False])
        self.assertEqual(output["paid"], 7)

    def test_an_operator_ends_an_incident(self):
        server = self.serve("--enable-scripts")
        url = ("--server", server.url)
        fails = self.write("fails.yaml", """
name: fails
tasks:
  work: { component: script, action: run, on_error: incident, input: { command: ["false"] } }
""")
        self.assertEqual(self.harmonia("workflow", "create", fails, *url).returncode, 0)
        run = server.call("POST", "/api/workflows/fails/execute", {})[1]["id"]
        wait_until(lambda: "exit_1" in self.harmonia("incidents", *url).stdout, "the incident")
        done = self.harmonia("execution", "resolve", run, "work", "complete", "--output", "5", *url)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(server.call("GET", f"/api/executions/{run}")[1]["output"], {"work": 5})
        self.assertIn("no incidents", self.harmonia("incidents", *url).stdout)

    def test_a_server_that_is_not_there_is_told(self):
        done = self.harmonia("workflow", "list", "--server", "127.0.0.1:1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("harmonia serve", done.stderr)

    def test_a_definition_with_errors_is_not_sent(self):
        server = self.serve()
        file = self.write("bad.yaml", "name: x\ntasks: { a: { type: sett } }\n")
        done = self.client(server, "workflow", "create", file)
        self.assertEqual(done.returncode, 2)
        self.assertIn(":2:", done.stderr)
        done = self.client(server, "workflow", "validate", file)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(file + ":2:21: error: ", done.stdout)
        self.assertIn("^", done.stdout)


if __name__ == "__main__":
    unittest.main()
