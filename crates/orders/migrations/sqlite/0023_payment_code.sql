-- The number that the buyer pays to: of a virtual account, or a code that is told at a till.
ALTER TABLE payment ADD COLUMN payment_code TEXT;
