-- What waits for what it follows, and what was heard of a removal, says since when. Rows without it go, and so does where each partner
-- has got to: all of it is told again.
DELETE FROM kv_5; -- Waiting
DELETE FROM kv_14 WHERE substr(key, 1, 33) = x'000000000000000000000000000000000000000000000000000000000000000077'; -- and its rows of Fold
DELETE FROM kv_16; -- Removed
DELETE FROM kv_10; -- Bookmark
