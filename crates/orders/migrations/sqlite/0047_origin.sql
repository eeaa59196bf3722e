-- Where an order comes from, and what its buyer agreed to: kept at placing, told to staff.
ALTER TABLE shop_order ADD COLUMN guild TEXT;
ALTER TABLE shop_order ADD COLUMN nickname TEXT;
ALTER TABLE shop_order ADD COLUMN agreed_at BIGINT;
ALTER TABLE shop_order ADD COLUMN account_made_at BIGINT;
ALTER TABLE shop_order ADD COLUMN joined_at BIGINT;

-- One row for each server of Discord: what the cap on its unpaid orders locks before it counts.
CREATE TABLE guild (
    id TEXT NOT NULL PRIMARY KEY,
    last_order_at BIGINT NOT NULL
);

-- What holds stock and is not paid, by buyer and by server.
CREATE INDEX shop_order_unpaid_buyer ON shop_order (buyer, placed_at)
    WHERE state IN ('awaiting_verification', 'in_review', 'awaiting_payment');
CREATE INDEX shop_order_unpaid_guild ON shop_order (guild)
    WHERE state IN ('awaiting_verification', 'in_review', 'awaiting_payment');
-- Who bought for a game account.
CREATE INDEX shop_order_account ON shop_order (user_id, category_code, placed_at);
