-- What runs wait for that others decide, in the order of arrival. A place is never given twice, so
-- that readers can go on behind the last one they saw.
CREATE TABLE interests (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 5),
  has_task INTEGER NOT NULL CHECK (has_task IN (0, 1)),  -- 0: the run itself; scope and task are 0
  scope INTEGER NOT NULL,
  task INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  key TEXT NOT NULL,
  lim INTEGER NOT NULL,
  policy INTEGER NOT NULL CHECK (policy BETWEEN 0 AND 2)
) STRICT;

CREATE UNIQUE INDEX interests_by_run ON interests (run, has_task, scope, task, attempt, kind, key);
-- Entries end in the row's number, which is the place.
CREATE INDEX interests_by_key ON interests (kind, key);

-- Events sent to whoever correlates with them, kept for those who come later.
CREATE TABLE events (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  correlation TEXT NOT NULL,
  payload BLOB NOT NULL,
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX events_by_name ON events (name, correlation, at);
CREATE INDEX events_by_expiry ON events (expires_at);
