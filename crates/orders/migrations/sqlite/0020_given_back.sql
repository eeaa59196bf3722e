-- How much of it went back to the buyer at the gateway; 0 when a part did and nobody knows how much.
ALTER TABLE payment ADD COLUMN given_back BIGINT;
-- When that was first heard: a refund of ours that is booked later is one of what is left.
ALTER TABLE payment ADD COLUMN given_back_at BIGINT;
-- What the gateway keeps of it, by the rate of the day on which it came in; what is booked is compared with it.
ALTER TABLE payment ADD COLUMN fee BIGINT;
UPDATE payment SET fee = COALESCE((SELECT SUM(l.amount) FROM ledger_transaction t
                                   JOIN ledger_posting l ON l.transaction_id = t.id
                                   WHERE t.kind = 'fee' AND t.reference = payment.reference AND l.account = 'fee'), 0)
WHERE EXISTS (SELECT 1 FROM ledger_transaction t
              WHERE t.reference = payment.reference AND t.kind IN ('payment', 'payment_credit'));
