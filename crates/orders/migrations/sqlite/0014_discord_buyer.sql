-- Where buyers can be reached on Discord, and what was told them there.
CREATE TABLE discord_buyer (
    buyer TEXT NOT NULL PRIMARY KEY,
    -- Where the buyer last used the shop: in a guild, or NULL outside of one.
    guild_id TEXT,
    channel_id TEXT,
    locale TEXT NOT NULL,
    -- The channel of direct messages with the buyer.
    dm_channel_id TEXT,
    -- The private thread of a buyer who takes no direct messages, and the channel that it hangs on.
    thread_id TEXT,
    thread_parent_id TEXT,
    updated_at BIGINT NOT NULL
);

-- The one message about an order, which is edited as the order goes on.
CREATE TABLE discord_receipt (
    order_id TEXT NOT NULL PRIMARY KEY REFERENCES shop_order (id),
    channel_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    -- In a private thread, not in a direct message.
    in_thread BIGINT NOT NULL DEFAULT 0 CHECK (in_thread IN (0, 1)),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
