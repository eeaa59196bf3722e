-- One row for each attempt to collect money. The row is the queue: due_at, lease, fence.
CREATE TABLE payment (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    sequence BIGINT NOT NULL,
    method TEXT NOT NULL,
    gateway TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL CHECK (state IN ('intended', 'open', 'settled', 'denied', 'expired', 'cancelled',
        'refunding', 'partly_refunded', 'refunded', 'unknown')),
    -- Whether nobody shall be able to pay it any more, and why.
    closing TEXT CHECK (closing IN ('expire', 'cancel')),
    gateway_transaction_id TEXT,
    qr_string TEXT,
    qr_image_url TEXT,
    deep_link TEXT,
    -- An amount that the gateway named and that is not ours.
    odd_amount BIGINT,
    note TEXT,
    -- How often something outside gave a reason to ask; what came while a call was under way is not lost.
    nudges BIGINT NOT NULL DEFAULT 0,
    asked BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL,
    settled_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    claims BIGINT NOT NULL DEFAULT 0,
    UNIQUE (order_id, sequence)
);
CREATE INDEX payment_due ON payment (due_at) WHERE due_at IS NOT NULL;
