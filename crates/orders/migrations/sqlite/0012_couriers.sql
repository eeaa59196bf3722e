-- Messages are carried to people by a courier. The row is the queue: due_at, lease, fence.
ALTER TABLE outbox_message ADD COLUMN courier TEXT;
ALTER TABLE outbox_message ADD COLUMN note TEXT;
ALTER TABLE outbox_message ADD COLUMN delivered_at BIGINT;
ALTER TABLE outbox_message ADD COLUMN due_at BIGINT;
ALTER TABLE outbox_message ADD COLUMN lease_until BIGINT;
ALTER TABLE outbox_message ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox_message ADD COLUMN claims BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_message_due ON outbox_message (due_at) WHERE due_at IS NOT NULL;

-- What is shown to somebody outside and has to be brought up to date: the card of an order for as
-- long as it can be edited, or an answer that is still owed.
CREATE TABLE screen (
    id TEXT NOT NULL PRIMARY KEY,
    once_key TEXT NOT NULL UNIQUE,
    courier TEXT NOT NULL,
    order_id TEXT,
    -- How to reach it, in the courier's own words; encrypted where it is a credential.
    address TEXT NOT NULL,
    -- What is to be shown, in the courier's own words.
    task TEXT NOT NULL,
    live_until BIGINT NOT NULL,
    -- How often it became out of date; what comes while a call is under way is not lost.
    nudges BIGINT NOT NULL DEFAULT 0,
    tries BIGINT NOT NULL DEFAULT 0,
    note TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    claims BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX screen_due ON screen (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX screen_order ON screen (order_id, live_until) WHERE order_id IS NOT NULL;
