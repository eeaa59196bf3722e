-- What a member of staff wants given back: carried out at once, or after a second person has agreed.
CREATE TABLE refund_request (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL,
    -- Out of what: the money that the shop holds for the order, or store credit that the order gave.
    origin TEXT NOT NULL CHECK (origin IN ('escrow', 'wallet')),
    -- Where it goes.
    target TEXT NOT NULL CHECK (target IN ('source', 'wallet')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'carried_out', 'rejected')),
    decided_by TEXT,
    created_at BIGINT NOT NULL,
    decided_at BIGINT
);
CREATE INDEX refund_request_order ON refund_request (order_id, id);
CREATE UNIQUE INDEX refund_request_waiting ON refund_request (order_id) WHERE state = 'waiting';
