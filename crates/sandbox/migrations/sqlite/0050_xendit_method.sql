-- Payment methods of the simulated Xendit that were made by themselves, and wait for a payment request.
CREATE TABLE world_xendit_method (
    id TEXT NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    properties TEXT NOT NULL,
    reference_id TEXT NOT NULL,
    description TEXT,
    metadata TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'EXPIRED')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
