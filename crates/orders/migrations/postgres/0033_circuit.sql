-- How the parties that we call have answered of late: one that fails again and again is left alone for a while.
-- In the database, because whoever offers a way to pay is not always the process that calls the gateway.
CREATE TABLE circuit (
    -- `midtrans`: what answers or does not; `midtrans/ovo_push`: a method that is refused to us.
    name TEXT NOT NULL PRIMARY KEY,
    -- Failures since the last success, and when the first of them was.
    failures BIGINT NOT NULL DEFAULT 0,
    failing_since BIGINT,
    -- What the last failure was about, and in which words.
    about TEXT,
    why TEXT,
    -- It is open: until when, how long the pause is, and whether a call is under way that tries the party.
    rest_until BIGINT,
    rest_ms BIGINT,
    probing BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL
);

-- Whether the gateway may have this payment by a charge whose answer was lost. Of what stands here already nobody
-- noted it.
ALTER TABLE payment ADD COLUMN in_doubt BIGINT NOT NULL DEFAULT 1;
