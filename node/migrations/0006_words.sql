-- The index of words without the beginnings of two and three letters of each: they made it three times the work at each change, and a
-- beginning that somebody types is found among the words in order. Merged when eight parts have come, not four.
DROP TABLE listing_text;
CREATE VIRTUAL TABLE listing_text USING fts5 (
    name, place, said,
    content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO listing_text (listing_text, rank) VALUES ('automerge', 8);
