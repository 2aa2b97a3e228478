-- `belay_protocol::store::Table::Parcel`: parcels, which are large, and rows about them.
CREATE TABLE kv_17 (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL); -- Parcel
