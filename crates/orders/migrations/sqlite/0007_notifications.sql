-- Messages to people, written in the transaction of what they tell.
CREATE TABLE outbox_message (
    id TEXT NOT NULL PRIMARY KEY,
    -- One message about one thing, however often it is decided.
    once_key TEXT NOT NULL UNIQUE,
    order_id TEXT,
    audience TEXT NOT NULL CHECK (audience IN ('buyer', 'staff')),
    kind TEXT NOT NULL,
    detail TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'delivered', 'parked')),
    created_at BIGINT NOT NULL
);
CREATE INDEX outbox_message_order ON outbox_message (order_id, id);

CREATE TABLE alert (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    resolved_at BIGINT
);
CREATE UNIQUE INDEX alert_open ON alert (kind, subject) WHERE resolved_at IS NULL;
