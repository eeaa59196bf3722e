-- What somebody on Discord is about to order: chosen, checked and agreed to, but not placed yet. The state of a
-- conversation lives here and in the ids of its buttons, so that any process answers any click.
CREATE TABLE discord_draft (
    -- `d` and the id of the interaction that made it: the same interaction makes it once.
    id TEXT NOT NULL PRIMARY KEY,
    -- The buyer (`discord:` and the user's id).
    buyer TEXT NOT NULL,
    category_code TEXT NOT NULL,
    product_code TEXT NOT NULL,
    -- The account, cleaned.
    user_id TEXT NOT NULL,
    server_id TEXT,
    -- Whether it exists, as far as is known; `pending` while a source is asked.
    checked TEXT NOT NULL CHECK (checked IN ('pending', 'valid', 'invalid', 'unavailable')),
    -- The name that was shown to the buyer, or why there is none.
    nickname TEXT,
    reason TEXT,
    -- Whether the buyer is asked twice.
    confirm BIGINT NOT NULL DEFAULT 0 CHECK (confirm IN (0, 1)),
    -- When the buyer agreed to this account under this name, and to this price.
    agreed_at BIGINT,
    quote_id TEXT,
    -- The order that was made of it.
    order_number TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX discord_draft_latest ON discord_draft (buyer, category_code, created_at);
-- A buyer's orders, newest first, page by page.
CREATE INDEX shop_order_buyer_id ON shop_order (buyer, id);
