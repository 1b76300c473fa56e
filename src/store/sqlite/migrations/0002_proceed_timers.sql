-- Timers of kind 4 (a loop or a map goes on). A CHECK can't be changed in place.
CREATE TABLE timers_2 (
  due INTEGER NOT NULL,
  run INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 4),
  scope INTEGER NOT NULL,
  task INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  PRIMARY KEY (due, run, kind, scope, task, attempt)
) STRICT, WITHOUT ROWID;

INSERT INTO timers_2 SELECT due, run, kind, scope, task, attempt FROM timers;
DROP TABLE timers;
ALTER TABLE timers_2 RENAME TO timers;
