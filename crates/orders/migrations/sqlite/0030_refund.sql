-- Money that goes back to where it came from. The row is the queue: due_at, lease, fence.
CREATE TABLE refund (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL,
    payment_id TEXT NOT NULL REFERENCES payment (id),
    -- The key under which its gateway gives back once.
    reference TEXT NOT NULL UNIQUE,
    sequence BIGINT NOT NULL,
    gateway TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    -- Out of what it is given: what the shop holds for the order, or the buyer's store credit.
    origin TEXT NOT NULL CHECK (origin IN ('escrow', 'wallet')),
    state TEXT NOT NULL CHECK (state IN ('intended', 'sent', 'pending', 'unknown', 'done', 'refused')),
    reason TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    approved_by TEXT,
    -- Why it was refused, when it was, and when the gateway first said so of a repetition.
    refusal TEXT CHECK (refusal IN ('insufficient_balance', 'window_over', 'not_refundable', 'wrong_state', 'amount', 'other')),
    refused_at BIGINT,
    gateway_refund_id TEXT,
    note TEXT,
    -- How often it was sent, and may have arrived.
    sends BIGINT NOT NULL DEFAULT 0,
    asked BIGINT NOT NULL DEFAULT 0,
    nudges BIGINT NOT NULL DEFAULT 0,
    sent_at BIGINT,
    settled_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    claims BIGINT NOT NULL DEFAULT 0,
    UNIQUE (order_id, sequence)
);
CREATE INDEX refund_due ON refund (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX refund_payment ON refund (payment_id);
-- One at a time from one payment: of two, nobody could tell by a sum which is done.
CREATE UNIQUE INDEX refund_live ON refund (payment_id) WHERE state IN ('intended', 'sent', 'pending', 'unknown');
-- What of a payment is on its way back by refunds of ours, and what went back by them.
ALTER TABLE payment ADD COLUMN refunding BIGINT NOT NULL DEFAULT 0 CHECK (refunding >= 0);
ALTER TABLE payment ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0 CHECK (refunded >= 0);
