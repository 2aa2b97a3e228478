-- The tables of `belay_protocol::store::Table`, by number. Small values lie in the tree of their key; tables of large values
-- (entries, documents) keep them in rowid order with an index beside, since a tree of keys with large values in it is deep and
-- splits at random places.
CREATE TABLE kv_1  (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- Own
CREATE TABLE kv_2  (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- Space
CREATE TABLE kv_3  (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL);           -- Entry
CREATE TABLE kv_4  (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- Order
CREATE TABLE kv_5  (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL);           -- Waiting
CREATE TABLE kv_6  (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL);           -- Register
CREATE TABLE kv_7  (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- EpochKey
CREATE TABLE kv_8  (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- Prekey
CREATE TABLE kv_9  (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- Arrival
CREATE TABLE kv_10 (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- Bookmark
CREATE TABLE kv_11 (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- Invite
CREATE TABLE kv_12 (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- Document
CREATE TABLE kv_13 (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL);           -- DocumentPart
CREATE TABLE kv_14 (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL);           -- Fold
CREATE TABLE kv_15 (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL);           -- Record
CREATE TABLE kv_16 (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- Removed
