-- Stock: what is there of each product, what is held for orders, and every change of either.

CREATE TABLE stock (
    product_code TEXT NOT NULL PRIMARY KEY,
    on_hand BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    minimum BIGINT NOT NULL,
    -- Number of movements so far: the next one gets the next number, so that they form a chain.
    movements BIGINT NOT NULL,
    CHECK (reserved >= 0),
    CHECK (reserved <= on_hand),
    CHECK (on_hand <= 1000000000),
    CHECK (minimum >= 0),
    CHECK (minimum <= 1000000000),
    CHECK (movements >= 1)
);

CREATE TABLE reservation (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    product_code TEXT NOT NULL REFERENCES stock (product_code),
    quantity BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When it was committed or released; NULL while it is held.
    settled_at BIGINT,
    CHECK (quantity >= 1),
    CHECK (state IN ('held', 'committed', 'released')),
    CHECK ((state = 'held') = (settled_at IS NULL))
);

CREATE INDEX reservation_by_product ON reservation (product_code, state);

CREATE TABLE stock_movement (
    id TEXT NOT NULL PRIMARY KEY,
    product_code TEXT NOT NULL REFERENCES stock (product_code),
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    on_hand_before BIGINT NOT NULL,
    on_hand_after BIGINT NOT NULL,
    reserved_before BIGINT NOT NULL,
    reserved_after BIGINT NOT NULL,
    reason TEXT NOT NULL,
    -- What it belongs to: the id of an order, or whatever the caller named.
    reference TEXT,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    UNIQUE (product_code, sequence),
    CHECK (sequence >= 1),
    CHECK (quantity >= 0),
    CHECK (kind IN ('created', 'added', 'reserved', 'committed', 'released', 'put_back')),
    CHECK (reserved_before >= 0 AND reserved_before <= on_hand_before),
    CHECK (reserved_after >= 0 AND reserved_after <= on_hand_after)
);

CREATE INDEX stock_movement_by_reference ON stock_movement (reference);
