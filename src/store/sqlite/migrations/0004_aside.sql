-- A place in line for a lock that is kept while its run is paused has a kind of its own, 6. The numbering of
-- places goes on.
CREATE TABLE interests_of_all_kinds (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 6),
  has_task INTEGER NOT NULL CHECK (has_task IN (0, 1)),  -- 0: the run itself; scope and task are 0
  scope INTEGER NOT NULL,
  task INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  key TEXT NOT NULL,
  lim INTEGER NOT NULL,
  policy INTEGER NOT NULL CHECK (policy BETWEEN 0 AND 2)
) STRICT;

INSERT INTO sqlite_sequence (name, seq)
  SELECT 'interests_of_all_kinds', seq FROM sqlite_sequence WHERE name = 'interests';

INSERT INTO interests_of_all_kinds
    (place, run, kind, has_task, scope, task, attempt, key, lim, policy)
  SELECT place, run, kind, has_task, scope, task, attempt, key, lim, policy FROM interests;

DROP TABLE interests;
ALTER TABLE interests_of_all_kinds RENAME TO interests;

CREATE UNIQUE INDEX interests_by_run ON interests (run, has_task, scope, task, attempt, kind, key);
-- Entries end in the row's number, which is the place.
CREATE INDEX interests_by_key ON interests (kind, key);
