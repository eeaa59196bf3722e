-- Why an attempt was made where it was (JSON), what its supplier last said, when it ended, and when it was first
-- held to have failed: an attempt that has succeeded and has such a moment came too late.
ALTER TABLE fulfilment_attempt ADD COLUMN routing TEXT;
ALTER TABLE fulfilment_attempt ADD COLUMN verdict TEXT;
ALTER TABLE fulfilment_attempt ADD COLUMN ended_at BIGINT;
ALTER TABLE fulfilment_attempt ADD COLUMN failed_at BIGINT;
-- How a supplier and each of its products have served lately, and what was bought for an account today.
CREATE INDEX fulfilment_attempt_lately ON fulfilment_attempt (supplier, created_at);
CREATE INDEX fulfilment_attempt_of_sku ON fulfilment_attempt (supplier, sku, created_at);
CREATE INDEX fulfilment_attempt_of_account ON fulfilment_attempt (supplier, sku, customer_no, created_at);
-- The supplier whose deposit a paid order waits for; who was paid for first is served first.
ALTER TABLE shop_order ADD COLUMN waits_for TEXT;
CREATE INDEX shop_order_line ON shop_order (waits_for, paid_at, id) WHERE waits_for IS NOT NULL;
