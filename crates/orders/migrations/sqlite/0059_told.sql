-- What is said to us of a payment or a refund is a reason to ask, and a few times in a row at once: how often that was
-- since when. A moment in the future is one until which the next question was put off.
ALTER TABLE payment ADD COLUMN told_since BIGINT;
ALTER TABLE payment ADD COLUMN told_times BIGINT NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN told_since BIGINT;
ALTER TABLE refund ADD COLUMN told_times BIGINT NOT NULL DEFAULT 0;
