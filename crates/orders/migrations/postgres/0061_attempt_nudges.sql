-- A hint about an attempt that comes while its supplier is being asked is not answered by that: reasons to ask are counted,
-- as they are of payments and refunds.
ALTER TABLE fulfilment_attempt ADD COLUMN nudges BIGINT NOT NULL DEFAULT 0;
