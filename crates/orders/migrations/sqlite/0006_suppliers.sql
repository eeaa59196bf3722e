-- One row for each try to buy the product from a supplier. The row is the queue.
CREATE TABLE fulfilment_attempt (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    sequence BIGINT NOT NULL,
    supplier TEXT NOT NULL,
    sku TEXT NOT NULL,
    customer_no TEXT NOT NULL,
    max_price BIGINT NOT NULL CHECK (max_price > 0),
    state TEXT NOT NULL CHECK (state IN ('intended', 'sent', 'pending', 'unknown', 'succeeded',
        'partly_succeeded', 'failed', 'reversed')),
    code TEXT,
    message TEXT,
    serial_number TEXT,
    price BIGINT,
    first_sent_at BIGINT,
    last_asked_at BIGINT,
    asked BIGINT NOT NULL DEFAULT 0,
    -- When a failure that may yet turn out a success was first reported.
    doubted_at BIGINT,
    -- How many of the messages about a slow supplier the buyer has had.
    reminders BIGINT NOT NULL DEFAULT 0,
    remind_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    claims BIGINT NOT NULL DEFAULT 0,
    UNIQUE (order_id, sequence)
);
CREATE INDEX fulfilment_attempt_due ON fulfilment_attempt (due_at) WHERE due_at IS NOT NULL;
-- No second attempt while the first may still deliver. (One that was thought to have failed and delivers
-- late may then stand beside its successor: recorded as what it is, a delivery too many.)
CREATE UNIQUE INDEX fulfilment_attempt_live ON fulfilment_attempt (order_id)
    WHERE state IN ('intended', 'sent', 'pending', 'unknown');
