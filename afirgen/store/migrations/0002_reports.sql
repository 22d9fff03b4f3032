-- One row per report, from its draft on; none is ever deleted. A time that has not come yet is NULL.
-- +goose Up
CREATE TABLE IF NOT EXISTS reports (
  id            INTEGER     NOT NULL PRIMARY KEY /*! AUTO_INCREMENT */,
  session_id    VARCHAR(64) NOT NULL,
  fir_number    VARCHAR(64) NOT NULL,
  station       VARCHAR(32) NOT NULL,
  series        VARCHAR(16) NOT NULL,
  year          INTEGER     NOT NULL,
  seq           BIGINT      NOT NULL,
  state         VARCHAR(32) NOT NULL,
  trace_id      VARCHAR(64) NOT NULL,
  created_at    BIGINT      NOT NULL,
  updated_at    BIGINT      NOT NULL,
  registered_at BIGINT      NULL,
  finalized_at  BIGINT      NULL,
  signature_due BIGINT      NULL,
  version       BIGINT      NOT NULL,
  body          LONGTEXT    NOT NULL,
  CONSTRAINT reports_by_session UNIQUE (session_id),
  CONSTRAINT reports_by_number UNIQUE (fir_number),
  CONSTRAINT reports_by_creation UNIQUE (created_at, id),
  CONSTRAINT reports_by_state UNIQUE (state, created_at, id),
  CONSTRAINT reports_by_station UNIQUE (station, created_at, id),
  CONSTRAINT reports_by_station_and_state UNIQUE (station, state, created_at, id),
  CONSTRAINT reports_by_due UNIQUE (state, signature_due, id),
  CONSTRAINT reports_by_registration UNIQUE (registered_at, id)
) /*! ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
