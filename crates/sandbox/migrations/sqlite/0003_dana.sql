-- The books of the simulated DANA.

CREATE TABLE world_dana_order (
    reference_no TEXT NOT NULL PRIMARY KEY,
    partner_reference_no TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    pay_method TEXT NOT NULL,
    pay_option TEXT NOT NULL,
    title TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    status TEXT NOT NULL,
    payment_code TEXT,
    cashier_request_id TEXT NOT NULL,
    pay_return_url TEXT,
    notify_url TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    paid_at BIGINT,
    closed_at BIGINT,
    close_reason TEXT,
    times_paid BIGINT NOT NULL,
    due_at BIGINT
);
CREATE INDEX world_dana_order_due ON world_dana_order (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX world_dana_order_at ON world_dana_order (created_at);
CREATE INDEX world_dana_order_code ON world_dana_order (payment_code) WHERE payment_code IS NOT NULL;

CREATE TABLE world_dana_refund (
    partner_refund_no TEXT NOT NULL PRIMARY KEY,
    refund_no TEXT NOT NULL UNIQUE,
    reference_no TEXT NOT NULL REFERENCES world_dana_order (reference_no),
    amount BIGINT NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    finished_at BIGINT,
    due_at BIGINT
);
CREATE INDEX world_dana_refund_order ON world_dana_refund (reference_no);
CREATE INDEX world_dana_refund_due ON world_dana_refund (due_at) WHERE due_at IS NOT NULL;

-- X-EXTERNAL-ID is unique within a day (WIB).
CREATE TABLE world_dana_external_id (
    day TEXT NOT NULL,
    external_id TEXT NOT NULL,
    PRIMARY KEY (day, external_id)
);
