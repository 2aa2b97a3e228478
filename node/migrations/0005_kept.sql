-- What other organisations left here of their private spaces, sealed to them: some 200 kB a row.
CREATE TABLE kv_19 (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL);           -- Kept
