-- A number that a report had before it got one of another series. It leads to the report for good.
-- +goose Up
CREATE TABLE IF NOT EXISTS former_numbers (
  fir_number VARCHAR(64) NOT NULL,
  session_id VARCHAR(64) NOT NULL,
  PRIMARY KEY (fir_number),
  CONSTRAINT former_numbers_by_session UNIQUE (session_id, fir_number)
) /*! ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
