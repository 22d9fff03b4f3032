-- One row per complaint. Times are milliseconds since 1970 in UTC.
CREATE TABLE session (
  id            TEXT    NOT NULL PRIMARY KEY, -- a UUID in lower case
  status        TEXT    NOT NULL CHECK (status IN ('processing', 'awaiting_validation', 'completed', 'error')),
  step          TEXT    NOT NULL,             -- the review that comes next; empty while there is none
  done          TEXT    NOT NULL,             -- a JSON array of the work that is done
  transcript    TEXT    NOT NULL,
  summary       TEXT    NOT NULL,
  error_type    TEXT    NOT NULL,
  trace_id      TEXT    NOT NULL,
  created_at    INTEGER NOT NULL,
  last_activity INTEGER NOT NULL,
  version       INTEGER NOT NULL              -- counts the writes; an update names the one it has read
) STRICT;
