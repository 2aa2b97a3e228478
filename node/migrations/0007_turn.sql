-- Rises with each change of what a search of the directory reads: what was ranked at one turn holds as long as it is that turn.
CREATE TABLE listing_turn (turn INTEGER NOT NULL);
INSERT INTO listing_turn (turn) VALUES (1);
