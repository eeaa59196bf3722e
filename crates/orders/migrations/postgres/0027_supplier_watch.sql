-- What suppliers are asked again and again: their price lists, and what is left of our deposit. One row for each
-- question to each supplier; the row is the queue.
CREATE TABLE supplier_watch (
    id TEXT NOT NULL PRIMARY KEY,
    supplier TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('prices', 'deposit')),
    -- When it was last asked and last answered, and why there was no answer after that.
    asked_at BIGINT,
    told_at BIGINT,
    silence TEXT,
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    claims BIGINT NOT NULL DEFAULT 0,
    UNIQUE (supplier, subject)
);
CREATE INDEX supplier_watch_due ON supplier_watch (due_at) WHERE due_at IS NOT NULL;

-- Why a product is not offered though its owner has it switched on; NULL when nothing speaks against it.
ALTER TABLE product ADD COLUMN kept_off TEXT;
-- The products of a supplier.
CREATE INDEX product_supplied ON product (supplier, supplier_sku);
