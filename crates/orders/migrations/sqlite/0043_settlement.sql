-- Settlement reports of gateways, as they were imported, and their lines. A report counts once it is complete
-- (imported_at) and as long as no other reading of the same file has taken its place.
CREATE TABLE settlement_report (
    id TEXT NOT NULL PRIMARY KEY,
    gateway TEXT NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    -- By which day it lists: when the gateway settled with the shop, or when the buyer paid.
    lists TEXT NOT NULL CHECK (lists IN ('settled', 'paid')),
    lists_refunds BIGINT NOT NULL CHECK (lists_refunds IN (0, 1)),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    lines BIGINT NOT NULL,
    -- Lines that could not be read, with the reason, as JSON.
    unreadable TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    imported_at BIGINT,
    compared_at BIGINT,
    replaced_at BIGINT
);
CREATE INDEX settlement_report_file ON settlement_report (gateway, digest);

CREATE TABLE settlement_line (
    report_id TEXT NOT NULL REFERENCES settlement_report (id),
    line BIGINT NOT NULL,
    gateway TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('payment', 'refund', 'chargeback', 'fee', 'other')),
    -- Ours, and theirs; empty where the file names none.
    reference TEXT NOT NULL,
    their_id TEXT NOT NULL,
    gross BIGINT NOT NULL,
    fee BIGINT,
    paid_at BIGINT,
    settled_at BIGINT,
    word TEXT NOT NULL,
    PRIMARY KEY (report_id, line)
);
CREATE INDEX settlement_line_reference ON settlement_line (gateway, reference);
CREATE INDEX settlement_line_their_id ON settlement_line (gateway, their_id);
-- Reports may name payments by the gateway's own ids alone.
CREATE INDEX payment_their_id ON payment (gateway, gateway_transaction_id);
