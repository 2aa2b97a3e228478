-- The directory as people search it: made from the documents, and to be made again from them at any time.

-- One row for each listing in each document. Two documents of one organisation may hold the same listing (two of its nodes
-- imported apart); the one in the document with the lower id is shown.
CREATE TABLE listing (
    row          INTEGER PRIMARY KEY,
    space        BLOB NOT NULL,
    owner        BLOB NOT NULL,
    id           BLOB NOT NULL,
    document     BLOB NOT NULL,
    shown        INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    organization BLOB,
    stub         INTEGER NOT NULL,
    UNIQUE (owner, id, space, document)
);
CREATE INDEX listing_organization ON listing (owner, organization, space) WHERE organization IS NOT NULL;
CREATE INDEX listing_id ON listing (id);
CREATE INDEX listing_name ON listing (kind, name) WHERE shown = 1;

-- The fields as JSON, apart: rows that a search walks over stay small.
CREATE TABLE listing_fields (row INTEGER PRIMARY KEY, fields TEXT NOT NULL);

-- Which service is offered at which location.
CREATE TABLE listing_at (row INTEGER NOT NULL, owner BLOB NOT NULL, location BLOB NOT NULL);
CREATE INDEX listing_at_row ON listing_at (row);
CREATE INDEX listing_at_location ON listing_at (owner, location);

-- Where a shown listing is: a location where it lies, a service where its locations lie.
CREATE TABLE listing_spot (
    spot      INTEGER PRIMARY KEY,
    row       INTEGER NOT NULL,
    latitude  REAL NOT NULL,
    longitude REAL NOT NULL
);
CREATE INDEX listing_spot_row ON listing_spot (row, latitude, longitude);
CREATE VIRTUAL TABLE listing_box USING rtree (spot, south, north, west, east, +row INTEGER);

CREATE TABLE listing_facet (facet TEXT NOT NULL, row INTEGER NOT NULL, says TEXT NOT NULL, PRIMARY KEY (facet, row)) WITHOUT ROWID;
CREATE INDEX listing_facet_row ON listing_facet (row);

CREATE VIRTUAL TABLE listing_text USING fts5 (
    name, place, said,
    content = '', contentless_delete = 1, prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);

-- Openings today, from the registers of the listing's owner.
CREATE TABLE listing_openings (
    space   BLOB NOT NULL,
    owner   BLOB NOT NULL,
    id      BLOB NOT NULL,
    node    BLOB NOT NULL,
    unit    TEXT NOT NULL,
    open    INTEGER NOT NULL,
    of_all  INTEGER,
    as_of   INTEGER NOT NULL,
    note    TEXT NOT NULL,
    PRIMARY KEY (owner, id, space, node)
) WITHOUT ROWID;
