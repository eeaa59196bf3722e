-- What suppliers said of our attempts, as it came in: what a reconciliation compares a purchase with that is final,
-- and the deposit with.
CREATE TABLE supplier_word (
    reference TEXT NOT NULL,
    -- Its number among what was said of the attempt, from 1.
    sequence BIGINT NOT NULL,
    supplier TEXT NOT NULL,
    verdict TEXT NOT NULL,
    code TEXT,
    price BIGINT,
    -- What was left of our deposit by then.
    balance BIGINT,
    -- When the question was sent that it answers; NULL for a webhook.
    asked_at BIGINT,
    at BIGINT NOT NULL,
    PRIMARY KEY (reference, sequence)
);

-- The daily comparison of ledger, gateways and suppliers: one row for each day, and what was found. The row is the
-- queue: it is due at 03:10 of the day after.
CREATE TABLE reconciliation (
    id TEXT NOT NULL PRIMARY KEY,
    -- In WIB, as 2026-11-22.
    day TEXT NOT NULL UNIQUE,
    -- When it was last done, what it found, and how many differences that are.
    done_at BIGINT,
    report TEXT,
    differences BIGINT,
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    claims BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX reconciliation_due ON reconciliation (due_at) WHERE due_at IS NOT NULL;
