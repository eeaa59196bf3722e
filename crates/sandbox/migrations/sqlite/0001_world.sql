-- The books of the outside world, as its parties would keep them. Nothing of the shop is in here.

CREATE TABLE world_clock (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    offset_ms BIGINT NOT NULL
);

CREATE TABLE world_request (
    target TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    status BIGINT NOT NULL,
    answer TEXT NOT NULL,
    fault TEXT,
    PRIMARY KEY (target, seq)
);

CREATE TABLE world_delivery (
    seq BIGINT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL,
    reference TEXT NOT NULL,
    event TEXT NOT NULL,
    url TEXT,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'dropped', 'nowhere')),
    attempts TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    held BIGINT NOT NULL CHECK (held IN (0, 1)),
    due_at BIGINT
);
CREATE INDEX world_delivery_due ON world_delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX world_delivery_target ON world_delivery (target, seq);
CREATE INDEX world_delivery_held ON world_delivery (target) WHERE held = 1;

CREATE TABLE world_fault (
    target TEXT NOT NULL,
    fault TEXT NOT NULL,
    operation TEXT NOT NULL,
    remaining BIGINT NOT NULL,
    delay_ms BIGINT,
    PRIMARY KEY (target, fault, operation)
);

CREATE TABLE world_midtrans_transaction (
    transaction_id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    payment_type TEXT NOT NULL,
    acquirer TEXT,
    amount BIGINT NOT NULL CHECK (amount > 0),
    imposed_fee BIGINT NOT NULL,
    status TEXT NOT NULL,
    callback_url TEXT,
    notify_urls TEXT NOT NULL,
    transaction_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    settled_at BIGINT,
    times_settled BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    due_at BIGINT
);
CREATE INDEX world_midtrans_transaction_due ON world_midtrans_transaction (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX world_midtrans_transaction_at ON world_midtrans_transaction (transaction_at);

CREATE TABLE world_midtrans_refund (
    transaction_id TEXT NOT NULL REFERENCES world_midtrans_transaction (transaction_id),
    refund_key TEXT NOT NULL,
    number BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    PRIMARY KEY (transaction_id, refund_key)
);

CREATE TABLE world_digiflazz_transaction (
    id TEXT NOT NULL PRIMARY KEY,
    ref_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    customer_no TEXT NOT NULL,
    status TEXT NOT NULL,
    rc TEXT NOT NULL,
    sn TEXT NOT NULL,
    price BIGINT NOT NULL,
    charged BIGINT NOT NULL,
    times_charged BIGINT NOT NULL,
    deliveries BIGINT NOT NULL,
    last_deposit BIGINT NOT NULL,
    cb_url TEXT,
    created_at BIGINT NOT NULL,
    answered_at BIGINT NOT NULL,
    next_status TEXT,
    next_rc TEXT,
    due_at BIGINT
);
CREATE INDEX world_digiflazz_transaction_ref ON world_digiflazz_transaction (ref_id, created_at);
CREATE INDEX world_digiflazz_transaction_due ON world_digiflazz_transaction (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX world_digiflazz_transaction_at ON world_digiflazz_transaction (created_at);
CREATE INDEX world_digiflazz_transaction_goods ON world_digiflazz_transaction (sku, customer_no, created_at);

CREATE TABLE world_digiflazz_account (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    deposit BIGINT NOT NULL
);

CREATE TABLE world_digiflazz_limit (
    list TEXT NOT NULL PRIMARY KEY,
    asked_at BIGINT NOT NULL
);

CREATE TABLE world_digiflazz_script (
    seq BIGINT NOT NULL PRIMARY KEY,
    customer_no TEXT NOT NULL,
    outcome TEXT NOT NULL,
    rc TEXT,
    then_after_ms BIGINT NOT NULL,
    price BIGINT,
    sn TEXT
);

CREATE INDEX world_digiflazz_script_customer ON world_digiflazz_script (customer_no, seq);

INSERT INTO world_clock (id, offset_ms) VALUES (1, 0);
INSERT INTO world_digiflazz_account (id, deposit) VALUES (1, 100000000);
