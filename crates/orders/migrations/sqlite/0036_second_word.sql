-- What one member of staff has said that a second one has to say as well, or that was small enough for one.
CREATE TABLE staff_word (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL,
    -- How a refund ended (subject: its key), that an odd amount counts as paid (the payment), or what goes back of
    -- an order that was delivered in part (the attempt).
    kind TEXT NOT NULL CHECK (kind IN ('refund_settled', 'odd_accepted', 'part_settled')),
    subject TEXT NOT NULL,
    -- What was said: `given-back`, the amount that came in, or the amount that goes back.
    word TEXT NOT NULL,
    -- How much is given away by it.
    amount BIGINT NOT NULL CHECK (amount >= 0),
    said_by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'carried_out', 'dropped')),
    decided_by TEXT,
    created_at BIGINT NOT NULL,
    decided_at BIGINT
);
CREATE INDEX staff_word_order ON staff_word (order_id, id);
CREATE UNIQUE INDEX staff_word_waiting ON staff_word (kind, subject) WHERE state = 'waiting';
