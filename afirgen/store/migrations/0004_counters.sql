-- The newest number of each series of a station; year 0 where none is given yet. Whoever allocates holds the row's lock
-- until the report is stored.
-- +goose Up
CREATE TABLE IF NOT EXISTS counters (
  station VARCHAR(32) NOT NULL,
  series  VARCHAR(16) NOT NULL,
  year    INTEGER     NOT NULL,
  seq     BIGINT      NOT NULL,
  PRIMARY KEY (station, series)
) /*! ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
