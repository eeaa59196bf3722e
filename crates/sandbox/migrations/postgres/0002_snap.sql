-- Snap: pages on which the buyer chooses how to pay, and may try again. So one order id may have several
-- transactions, one after the other; and OVO pushes know whose phone they went to.

CREATE TABLE world_midtrans_snap (
    token TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    amount BIGINT NOT NULL CHECK (amount > 0),
    methods TEXT NOT NULL,
    finish_url TEXT,
    gopay_callback_url TEXT,
    dana_callback_url TEXT,
    notify_urls TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    page_ends_at BIGINT NOT NULL,
    pay_by BIGINT,
    closed_at BIGINT
);
CREATE INDEX world_midtrans_snap_at ON world_midtrans_snap (created_at);

CREATE TABLE world_midtrans_transaction_with_tries (
    transaction_id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL,
    try BIGINT NOT NULL CHECK (try > 0),
    snap_token TEXT REFERENCES world_midtrans_snap (token),
    payment_type TEXT NOT NULL,
    acquirer TEXT,
    payer_phone TEXT,
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
    due_at BIGINT,
    UNIQUE (order_id, try)
);
INSERT INTO world_midtrans_transaction_with_tries
    (transaction_id, order_id, try, payment_type, acquirer, amount, imposed_fee, status, callback_url,
     notify_urls, transaction_at, expires_at, settled_at, times_settled, refunded, due_at)
SELECT transaction_id, order_id, 1, payment_type, acquirer, amount, imposed_fee, status, callback_url,
       notify_urls, transaction_at, expires_at, settled_at, times_settled, refunded, due_at
FROM world_midtrans_transaction;

CREATE TABLE world_midtrans_refund_of_tries (
    transaction_id TEXT NOT NULL REFERENCES world_midtrans_transaction_with_tries (transaction_id),
    refund_key TEXT NOT NULL,
    number BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    PRIMARY KEY (transaction_id, refund_key)
);
INSERT INTO world_midtrans_refund_of_tries (transaction_id, refund_key, number, amount, reason, requested_at)
SELECT transaction_id, refund_key, number, amount, reason, requested_at FROM world_midtrans_refund;

DROP TABLE world_midtrans_refund;
DROP TABLE world_midtrans_transaction;
ALTER TABLE world_midtrans_transaction_with_tries RENAME TO world_midtrans_transaction;
ALTER TABLE world_midtrans_refund_of_tries RENAME TO world_midtrans_refund;

CREATE INDEX world_midtrans_transaction_due ON world_midtrans_transaction (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX world_midtrans_transaction_at ON world_midtrans_transaction (transaction_at);
CREATE INDEX world_midtrans_transaction_push ON world_midtrans_transaction (payer_phone)
    WHERE payer_phone IS NOT NULL AND due_at IS NOT NULL;
