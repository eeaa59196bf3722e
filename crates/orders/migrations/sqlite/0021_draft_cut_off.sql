-- Drafts whose placing was cut off, oldest first: after a week it is looked for the order of each. It is noted where
-- one stands; else the draft came to nothing, and is deleted like the others.
CREATE INDEX discord_draft_cut_off ON discord_draft (created_at) WHERE order_number IS NULL AND placings > 0;
