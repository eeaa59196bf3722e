-- A draft is left by its buyer or placed, never both: whoever claims it first wins, and the other is told so.
-- When its buyer left it. It is not agreed to and not placed any more.
ALTER TABLE discord_draft ADD COLUMN left_at BIGINT;
-- How many placings of it are under way, and when the latest of them began (real time). One that was cut off counts
-- for a minute; its draft is not deleted, because its order may stand.
ALTER TABLE discord_draft ADD COLUMN placings BIGINT NOT NULL DEFAULT 0 CHECK (placings >= 0);
ALTER TABLE discord_draft ADD COLUMN placing_at BIGINT;
-- Numbers of orders that could not be noted when they were placed.
UPDATE discord_draft SET order_number = (
    SELECT o.number FROM idempotency_key k JOIN shop_order o ON o.id = k.order_id
    WHERE k.owner = 'discord' AND k.key = 'draft:' || discord_draft.id
) WHERE order_number IS NULL;
-- Drafts that came to nothing, oldest first: they are deleted after a week. One with an order stays, as the record of
-- what its buyer agreed to.
CREATE INDEX discord_draft_stale ON discord_draft (created_at) WHERE order_number IS NULL AND placings = 0;

-- The latest press by which the buyer chose how an order is paid: an older one that is delivered again does not undo
-- it. Kept for a day.
CREATE TABLE discord_press (
    order_number TEXT NOT NULL PRIMARY KEY,
    -- A number, because Discord's ids grow with time: the larger one was pressed later.
    interaction_id BIGINT NOT NULL,
    -- Whether it was carried out. One that was cut off before may be delivered again.
    done BIGINT NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
    at BIGINT NOT NULL
);
CREATE INDEX discord_press_at ON discord_press (at);
