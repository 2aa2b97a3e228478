-- Parts of the index of words are merged by a step at a time while nobody waits, and not within a commit: each that brought the eighth part,
-- or the sixteenth, waited until all of them were read and written again. Only where the node never rests does the one with the sixty-fourth.
INSERT INTO listing_text (listing_text, rank) VALUES ('automerge', 0);
INSERT INTO listing_text (listing_text, rank) VALUES ('crisismerge', 64);
