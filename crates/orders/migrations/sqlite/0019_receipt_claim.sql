-- How often carrying a message has failed. The pauses grow with it; a claim that ended in a pause is no sign
-- of a row that makes no progress.
ALTER TABLE outbox_message ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;

-- Who carries what belongs into the message about an order: one at a time, whichever process it is. The row
-- goes when it is known what became of it.
CREATE TABLE discord_receipt_claim (
    order_id TEXT NOT NULL PRIMARY KEY REFERENCES shop_order (id),
    -- The outbox message that is carried.
    holder TEXT NOT NULL,
    -- What a new message is sent under: the same until it is known whether one is there.
    nonce TEXT NOT NULL,
    -- How often it was claimed under this nonce.
    tries BIGINT NOT NULL,
    -- Real time.
    lease_until BIGINT NOT NULL
);

-- Where an order was placed: the private thread with its message hangs there.
CREATE TABLE discord_order_place (
    order_id TEXT NOT NULL PRIMARY KEY REFERENCES shop_order (id),
    guild_id TEXT NOT NULL,
    channel_id TEXT NOT NULL
);

-- The private threads of buyers who take no direct messages: one on each channel.
CREATE TABLE discord_thread (
    buyer TEXT NOT NULL,
    -- The channel that it hangs on.
    parent_id TEXT NOT NULL,
    -- NULL while it is being made, and while it is not known whether it was.
    thread_id TEXT,
    -- The last word of its name, by which it is found when nobody knows whether it was made.
    mark TEXT NOT NULL,
    -- How often it was tried to make it under this name.
    tries BIGINT NOT NULL,
    -- The outbox message that it is made for, and until when (real time) nobody else makes it.
    holder TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    PRIMARY KEY (buyer, parent_id)
);
INSERT INTO discord_thread (buyer, parent_id, thread_id, mark, tries, holder, lease_until)
SELECT buyer, thread_parent_id, thread_id, '', 1, '', 0 FROM discord_buyer
WHERE thread_id IS NOT NULL AND thread_parent_id IS NOT NULL;
ALTER TABLE discord_buyer DROP COLUMN thread_id;
ALTER TABLE discord_buyer DROP COLUMN thread_parent_id;
