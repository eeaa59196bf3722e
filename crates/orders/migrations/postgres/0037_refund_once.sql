-- What a bank takes back of a payment after all of it had gone back by refunds of ours.
ALTER TABLE payment ADD COLUMN charged_back BIGINT CHECK (charged_back >= 0);
-- A request that is sent twice gets the same answer: of a refund, the one that was given.
ALTER TABLE idempotency_key ADD COLUMN answer TEXT;
