-- Double-entry ledger. Positive amounts are debits, negative ones credits; each transaction sums to zero.
CREATE TABLE ledger_transaction (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    order_id TEXT,
    at BIGINT NOT NULL,
    -- What happened is booked once, however often it is reported.
    UNIQUE (kind, reference)
);
CREATE INDEX ledger_transaction_order ON ledger_transaction (order_id);

CREATE TABLE ledger_posting (
    transaction_id TEXT NOT NULL REFERENCES ledger_transaction (id),
    line BIGINT NOT NULL,
    account TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (transaction_id, line)
);
CREATE INDEX ledger_posting_account ON ledger_posting (account);

-- Only wallets have a balance row: the shop's own accounts would be a row that every order locks.
CREATE TABLE wallet (
    buyer TEXT NOT NULL PRIMARY KEY,
    balance BIGINT NOT NULL CHECK (balance >= 0),
    updated_at BIGINT NOT NULL
);
