#!/usr/bin/env python3
"""The schema of definitions, as `harmonia schema` prints it, before a validator not of ours."""

import json
import unittest

from harness import ROOT, Case

try:
    import jsonschema
except ImportError:
    jsonschema = None

CORPUS = ROOT / "tests" / "data" / "definitions"


class SchemaTest(Case):
    def schema(self):
        done = self.harmonia("schema")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def canonical(self, file):
        done = self.harmonia("export", str(file), "--as", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_it_is_printed(self):
        self.assertEqual(self.schema()["$schema"], "https://json-schema.org/draft/2020-12/schema")

    @unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
    def test_definitions_and_examples_are_valid(self):
        schema = self.schema()
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        files = [*sorted(CORPUS.glob("*.yaml")), *sorted((ROOT / "examples").rglob("*.yaml"))]
        self.assertGreater(len(files), 8)
        for file in files:
            found = validator.iter_errors(self.canonical(file))
            faults = [f"{fault.json_path}: {fault.message}" for fault in found]
            self.assertEqual(faults, [], file)

    @unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
    def test_a_field_of_another_type_is_refused(self):
        validator = jsonschema.Draft202012Validator(self.schema())
        values = {"component": "log", "values": {}}
        component = {"type": "wait", "duration": 1, "component": "log"}
        for task in (values, component):
            self.assertFalse(validator.is_valid({"name": "x", "tasks": {"t": task}}))


if __name__ == "__main__":
    unittest.main()
