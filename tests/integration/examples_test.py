#!/usr/bin/env python3
"""Every example is valid and does what its comments say."""

import json
import os
import subprocess
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from harness import HARMONIA, ROOT, Case, environment

EXAMPLES = ROOT / "examples"


class ExamplesTest(Case):
    def test_all_are_valid(self):
        files = sorted(str(file) for file in EXAMPLES.rglob("*.yaml"))
        self.assertGreater(len(files), 3)
        done = self.harmonia("validate", *files)
        self.assertEqual(done.returncode, 0, done.stderr)

    def output_of(self, name: str, run_input=None, *arguments: str):
        done = self.run_workflow(str(EXAMPLES / name), "--input", json.dumps(run_input or {}),
                                 *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_hello(self):
        self.assertEqual(self.output_of("hello.yaml"), {"greeting": "Hello, world!"})

    def test_branching(self):
        self.assertEqual(self.output_of("branching.yaml", {"total": 80}),
                         {"shipped": True, "reviewed": False})
        self.assertEqual(self.output_of("branching.yaml", {"total": 8000}),
                         {"shipped": True, "reviewed": True})

    def test_fan_out(self):
        self.assertEqual(self.output_of("fan_out.yaml"), {"words": 9})

    def test_http_retry_comes_through_a_server_that_fails_at_first(self):
        class Flaky(BaseHTTPRequestHandler):
            calls = 0

            def do_GET(self):
                Flaky.calls += 1
                self.send_response(503 if Flaky.calls < 2 else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        with HTTPServer(("127.0.0.1", 0), Flaky) as web:
            threading.Thread(target=web.serve_forever, daemon=True).start()
            self.addCleanup(web.shutdown)
            url = f"http://127.0.0.1:{web.server_address[1]}/"
            output = self.output_of("http_retry.yaml", {"url": url})
            web.shutdown()
        self.assertEqual(output, {"reached": True, "attempts": 2})

    def test_a_decision_takes_one_way(self):
        for amount, who in ((40, "nobody"), (400, "manager"), (4000, "board")):
            self.assertEqual(self.output_of("decision.yaml", {"amount": amount}),
                             {"signed_by": who})

    def test_the_faster_branch_is_enough(self):
        self.assertEqual(self.output_of("race.yaml"), {"winners": ["near"]})

    def test_a_map_collects_what_went_well(self):
        self.assertEqual(self.output_of("map.yaml"), {"charged": [20, 5], "failed": ["bad_amount"]})

    def test_a_loop_ends_when_the_work_is_done(self):
        self.assertEqual(self.output_of("loop.yaml"), {"asked": 4, "answers": [0, 40, 80, 120]})

    def test_an_approval_given_beforehand(self):
        self.assertEqual(self.output_of("approval.yaml", {}, "--approve", 'boss={"limit": 500}'),
                         {"booked": True, "said": ""})
        self.assertEqual(self.output_of("approval.yaml", {}, "--reject", "boss=not this year"),
                         {"booked": False, "said": "not this year"})

    def test_an_event_sent_beforehand(self):
        self.assertEqual(
            self.output_of("event.yaml", {}, "--event", 'order.paid={"amount": 1}',
                           "--event", 'order.paid={"amount": 12}'),
            {"shipped": True, "amount": 12})

    def test_what_fails_is_caught_and_tidied_up(self):
        done = self.run_workflow(str(EXAMPLES / "handlers.yaml"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), {"price": 10, "because": "out_of_order"})
        self.assertIn("the connection is closed", done.stderr)

    def test_a_saga_is_undone_last_first(self):
        done = self.run_workflow(str(EXAMPLES / "saga.yaml"))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("card_refused", done.stderr)
        hotel = done.stderr.index("hotel H-2 is canceled")
        self.assertGreater(done.stderr.index("flight F-1 is canceled"), hotel)
        self.assertEqual(self.output_of("saga.yaml", {"card": "good"}), {"booked": True})

    def test_the_main_job_ends_well_twice(self):
        for _ in range(2):
            done = subprocess.run(
                [str(EXAMPLES / "main_job" / "run.sh"), "--data-dir", str(self.data)],
                capture_output=True,
                text=True,
                timeout=60,
                env=environment(HARMONIA=os.path.abspath(HARMONIA)),
                check=False,
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("310 tasks, 854.867 s of work", done.stdout)
            self.assertIn("read_record: attempt 1 failed: exit_75", done.stderr)
            self.assertIn("advise_narrow: skipped", done.stderr)
            self.assertIn("Next:", done.stdout)


if __name__ == "__main__":
    unittest.main()
