CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row for each buyer: what a rule that counts their orders locks first.
CREATE TABLE buyer (
    id TEXT NOT NULL PRIMARY KEY,
    first_seen_at BIGINT NOT NULL,
    last_order_at BIGINT NOT NULL
);

CREATE TABLE quote (
    id TEXT NOT NULL PRIMARY KEY,
    product_code TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price > 0),
    cost BIGINT NOT NULL CHECK (cost > 0),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE shop_order (
    id TEXT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    pay_token TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('awaiting_verification', 'in_review', 'blocked', 'awaiting_payment', 'paid',
        'fulfilling', 'delivered', 'failed', 'refunding', 'refunded', 'expired', 'cancelled', 'needs_attention')),
    attention TEXT,
    owner TEXT NOT NULL,
    buyer TEXT NOT NULL REFERENCES buyer (id),
    quote_id TEXT NOT NULL REFERENCES quote (id),
    product_code TEXT NOT NULL,
    product_name TEXT NOT NULL,
    category_code TEXT NOT NULL,
    user_id TEXT NOT NULL,
    server_id TEXT,
    supplier TEXT NOT NULL,
    supplier_sku TEXT NOT NULL,
    customer_no TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    cost BIGINT NOT NULL CHECK (cost > 0),
    method TEXT NOT NULL,
    locale TEXT NOT NULL,
    source TEXT,
    risk_score BIGINT NOT NULL,
    risk_action TEXT NOT NULL,
    risk_findings TEXT NOT NULL,
    serial_number TEXT,
    placed_at BIGINT NOT NULL,
    hold_until BIGINT,
    pay_by BIGINT,
    paid_at BIGINT,
    delivered_at BIGINT,
    updated_at BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    claims BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX shop_order_due ON shop_order (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX shop_order_buyer ON shop_order (buyer, placed_at);
CREATE INDEX shop_order_buyer_delivered ON shop_order (buyer, delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX shop_order_owner ON shop_order (owner, id);

CREATE TABLE order_event (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES shop_order (id),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT
);
CREATE INDEX order_event_order ON order_event (order_id, id);

CREATE TABLE idempotency_key (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    order_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (owner, key)
);

-- Every webhook as it came in, stored before it is acted on.
CREATE TABLE webhook_inbox (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    -- Hash of the raw body: the senders have no delivery id.
    body_hash TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BYTEA NOT NULL,
    reference TEXT,
    verdict TEXT NOT NULL CHECK (verdict IN ('believed', 'refused')),
    state TEXT NOT NULL CHECK (state IN ('received', 'applied', 'ignored', 'refused', 'parked')),
    note TEXT,
    times_received BIGINT NOT NULL DEFAULT 1,
    received_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    claims BIGINT NOT NULL DEFAULT 0,
    UNIQUE (source, body_hash, verdict)
);
CREATE INDEX webhook_inbox_due ON webhook_inbox (due_at) WHERE due_at IS NOT NULL;
