-- Buyers whom a person has verified. A row is there as long as that stands; what was before is in the audit.
CREATE TABLE verified_buyer (
    buyer TEXT NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    verified_by TEXT NOT NULL,
    verified_at BIGINT NOT NULL
);
