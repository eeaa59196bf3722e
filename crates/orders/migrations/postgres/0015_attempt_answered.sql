-- When the supplier last answered (or was given up on): the minute between two questions counts from
-- there, because a slow call reaches the supplier later than it was stamped.
ALTER TABLE fulfilment_attempt ADD COLUMN answered_at BIGINT;
