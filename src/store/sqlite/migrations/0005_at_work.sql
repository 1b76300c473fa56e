-- Dispatches have no rows of their own any more: whether an execution owes some stands in its row.
ALTER TABLE executions ADD COLUMN at_work INTEGER NOT NULL DEFAULT 0 CHECK (at_work IN (0, 1));
UPDATE executions SET at_work = 1 WHERE run IN (SELECT run FROM dispatches);
CREATE INDEX executions_at_work ON executions (run) WHERE at_work = 1;
DROP TABLE dispatches;

-- Tags never change after the start, and the writer keeps their table: a trigger costs at every change of a row.
DROP TRIGGER execution_tags_inserted;
DROP TRIGGER execution_tags_updated;
