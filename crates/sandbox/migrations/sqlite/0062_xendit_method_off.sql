-- Payment methods of the simulated Xendit that wait for a payment request can be switched off, and on again.
CREATE TABLE world_xendit_method_to_switch (
    id TEXT NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    properties TEXT NOT NULL,
    reference_id TEXT NOT NULL,
    description TEXT,
    metadata TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'INACTIVE', 'EXPIRED')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO world_xendit_method_to_switch
    (id, channel, properties, reference_id, description, metadata, status, created_at, updated_at)
SELECT id, channel, properties, reference_id, description, metadata, status, created_at, updated_at
FROM world_xendit_method;

DROP TABLE world_xendit_method;
ALTER TABLE world_xendit_method_to_switch RENAME TO world_xendit_method;
