-- What is paid for: a product, or credit for the buyer's own wallet.
ALTER TABLE shop_order ADD COLUMN kind TEXT NOT NULL DEFAULT 'purchase' CHECK (kind IN ('purchase', 'deposit'));
