-- Virtual accounts and codes for a till: whose they are, and the number that is paid to.
ALTER TABLE world_midtrans_transaction ADD COLUMN channel TEXT;
ALTER TABLE world_midtrans_transaction ADD COLUMN payment_code TEXT;
CREATE INDEX world_midtrans_transaction_code ON world_midtrans_transaction (payment_code);
