-- Ids are 16 bytes, times are microseconds since 1970 (UTC), payloads are JSON text.
-- `run` numbers executions in the order of their creation: small keys keep the hot indexes dense.

-- One row per execution: what lists show. Written when a summary changes, not on every commit.
CREATE TABLE executions (
  run INTEGER PRIMARY KEY CHECK (run > 0),
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  workflow BLOB NOT NULL CHECK (length(workflow) = 16),
  workflow_name TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 0),
  status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 5),
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  tasks_total INTEGER NOT NULL,
  tasks_completed INTEGER NOT NULL,
  tasks_failed INTEGER NOT NULL,
  tasks_skipped INTEGER NOT NULL,
  tasks_canceled INTEGER NOT NULL,
  tasks_running INTEGER NOT NULL,
  tasks_waiting INTEGER NOT NULL,
  error_code TEXT NOT NULL,
  error_detail TEXT NOT NULL,
  tags TEXT NOT NULL CHECK (json_type(tags) = 'array')
) STRICT;

CREATE INDEX executions_by_status ON executions (status, run);
CREATE INDEX executions_by_workflow ON executions (workflow, run);

-- A projection of executions.tags, kept by the two triggers.
CREATE TABLE execution_tags (
  tag TEXT NOT NULL,
  run INTEGER NOT NULL,
  PRIMARY KEY (tag, run)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER execution_tags_inserted AFTER INSERT ON executions WHEN new.tags <> '[]' BEGIN
  INSERT OR IGNORE INTO execution_tags SELECT value, new.run FROM json_each(new.tags);
END;

CREATE TRIGGER execution_tags_updated AFTER UPDATE OF tags ON executions
WHEN new.tags <> old.tags BEGIN
  DELETE FROM execution_tags
  WHERE run = new.run AND tag IN (SELECT value FROM json_each(old.tags));
  INSERT OR IGNORE INTO execution_tags SELECT value, new.run FROM json_each(new.tags);
END;

-- One row per commit, with all its events. Appended only; the position is the order of the feed,
-- shared with definition_changes.
CREATE TABLE history (
  position INTEGER PRIMARY KEY CHECK (position > 0),
  run INTEGER NOT NULL CHECK (run > 0),
  first_seq INTEGER NOT NULL CHECK (first_seq > 0),
  last_seq INTEGER NOT NULL CHECK (last_seq >= first_seq),
  at INTEGER NOT NULL,
  payload BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX history_by_run ON history (run, first_seq);

-- The newest one of a run.
CREATE TABLE snapshots (
  run INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL CHECK (seq > 0),
  state BLOB NOT NULL
) STRICT;

-- What is owed: attempts to hand to runners, and wakes.
CREATE TABLE dispatches (
  run INTEGER NOT NULL,
  scope INTEGER NOT NULL,
  task INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  PRIMARY KEY (run, scope, task, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE timers (
  due INTEGER NOT NULL,
  run INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
  scope INTEGER NOT NULL,
  task INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  PRIMARY KEY (due, run, kind, scope, task, attempt)
) STRICT, WITHOUT ROWID;

-- One row per workflow; what its newest revision says of itself is repeated here for lists.
CREATE TABLE workflows (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  revision INTEGER NOT NULL CHECK (revision > 0),
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted INTEGER NOT NULL CHECK (deleted IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX workflows_by_name ON workflows (name, id) WHERE deleted = 0;

CREATE TABLE definitions (
  workflow BLOB NOT NULL CHECK (length(workflow) = 16),
  revision INTEGER NOT NULL CHECK (revision > 0),
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  description TEXT NOT NULL,
  tags TEXT NOT NULL CHECK (json_type(tags) = 'array'),
  canonical BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (workflow, revision)
) STRICT;

-- The part of the feed that is not history.
CREATE TABLE definition_changes (
  position INTEGER PRIMARY KEY CHECK (position > 0),
  workflow BLOB NOT NULL CHECK (length(workflow) = 16),
  change INTEGER NOT NULL CHECK (change BETWEEN 0 AND 2),
  revision INTEGER NOT NULL CHECK (revision > 0),
  at INTEGER NOT NULL
) STRICT;

-- Answers to commands that came with an id. The oldest are dropped beyond a bound.
CREATE TABLE commands (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  answer BLOB NOT NULL,
  at INTEGER NOT NULL
) STRICT;
