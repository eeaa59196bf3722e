-- The books of the simulated Xendit.

-- A charge of any generation. A reference may be there more than once: it is the merchant's.
CREATE TABLE world_xendit_charge (
    id TEXT NOT NULL PRIMARY KEY,
    generation TEXT NOT NULL,
    reference_id TEXT NOT NULL,
    payment_method_id TEXT NOT NULL UNIQUE,
    payment_id TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    properties TEXT NOT NULL,
    code TEXT,
    description TEXT,
    metadata TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    status TEXT NOT NULL,
    failure_code TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    paid_at BIGINT,
    times_paid BIGINT NOT NULL,
    due_at BIGINT
);
CREATE INDEX world_xendit_charge_reference ON world_xendit_charge (reference_id, created_at);
CREATE INDEX world_xendit_charge_due ON world_xendit_charge (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX world_xendit_charge_at ON world_xendit_charge (created_at);
CREATE INDEX world_xendit_charge_code ON world_xendit_charge (code) WHERE code IS NOT NULL;

CREATE TABLE world_xendit_refund (
    id TEXT NOT NULL PRIMARY KEY,
    charge_id TEXT NOT NULL REFERENCES world_xendit_charge (id),
    reference_id TEXT,
    amount BIGINT NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    due_at BIGINT
);
CREATE INDEX world_xendit_refund_charge ON world_xendit_refund (charge_id);
CREATE INDEX world_xendit_refund_due ON world_xendit_refund (due_at) WHERE due_at IS NOT NULL;

-- What was answered under an idempotency key, and to what.
CREATE TABLE world_xendit_key (
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    content TEXT NOT NULL,
    status BIGINT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (operation, key)
);

-- How often each operation was called in its minute.
CREATE TABLE world_xendit_rate (
    operation TEXT NOT NULL PRIMARY KEY,
    minute BIGINT NOT NULL,
    used BIGINT NOT NULL
);
