-- How many tasks a run has, by state, stands with each commit of its history: a row that is written anyway. The row of
-- an execution has them as of the last change of its status, which for one that has ended are the newest.
-- A table of its own, because what stands behind a long payload is slow to read.
CREATE TABLE history_with_counts (
  position INTEGER PRIMARY KEY CHECK (position > 0),
  run INTEGER NOT NULL CHECK (run > 0),
  first_seq INTEGER NOT NULL CHECK (first_seq > 0),
  last_seq INTEGER NOT NULL CHECK (last_seq >= first_seq),
  at INTEGER NOT NULL,
  tasks TEXT,  -- [total, completed, failed, skipped, canceled, running, waiting]; null: written before there was this column
  payload BLOB NOT NULL
) STRICT;

INSERT INTO history_with_counts (position, run, first_seq, last_seq, at, payload)
  SELECT position, run, first_seq, last_seq, at, payload FROM history ORDER BY position;

DROP TABLE history;
ALTER TABLE history_with_counts RENAME TO history;

CREATE UNIQUE INDEX history_by_run ON history (run, first_seq);
