-- One row per complaint on its way. The columns beside body are what is searched; body is the session.
-- +goose Up
CREATE TABLE IF NOT EXISTS sessions (
  id            VARCHAR(64) NOT NULL,
  status        VARCHAR(32) NOT NULL,
  step          VARCHAR(32) NOT NULL,
  trace_id      VARCHAR(64) NOT NULL,
  created_at    BIGINT      NOT NULL,
  last_activity BIGINT      NOT NULL,
  version       BIGINT      NOT NULL,
  body          LONGTEXT    NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT sessions_by_activity UNIQUE (status, last_activity, id)
) /*! ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
