-- `belay_protocol::store::Table::List`: what the list of referrals is read from, a page at a time, in the order of its keys.
CREATE TABLE kv_18 (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; -- List
