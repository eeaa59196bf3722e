-- Audit entries are written with what they record; a sequencer chains them within a second.
CREATE TABLE audit_entry (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before_state TEXT,
    after_state TEXT,
    source TEXT
);
CREATE INDEX audit_entry_subject ON audit_entry (subject, id);

-- The tail that is not chained yet.
CREATE TABLE audit_unsealed (
    entry_id TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE audit_seal (
    position BIGINT NOT NULL PRIMARY KEY,
    entry_id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL,
    sealed_at BIGINT NOT NULL
);

CREATE TABLE blacklist_entry (
    kind TEXT NOT NULL CHECK (kind IN ('buyer', 'ip')),
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (kind, value)
);
