-- Where listings are, in order of latitude: some thousand lie in a county's band of it, and a look over them costs less than one insert into
-- a tree of boxes did.
DROP TABLE listing_box;
CREATE INDEX listing_spot_place ON listing_spot (latitude, longitude, row);

-- What finds a listing holds its id and whose it is. Space and document, which stand in the row, made the index three times as large, and
-- another held the id alone.
CREATE TABLE listing_anew (
    row          INTEGER PRIMARY KEY,
    space        BLOB NOT NULL,
    owner        BLOB NOT NULL,
    id           BLOB NOT NULL,
    document     BLOB NOT NULL,
    shown        INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    organization BLOB,
    stub         INTEGER NOT NULL
);
INSERT INTO listing_anew SELECT * FROM listing;
DROP TABLE listing;
ALTER TABLE listing_anew RENAME TO listing;
CREATE INDEX listing_id ON listing (id, owner);
CREATE INDEX listing_organization ON listing (organization, owner) WHERE organization IS NOT NULL;
CREATE INDEX listing_name ON listing (kind, name) WHERE shown = 1;
