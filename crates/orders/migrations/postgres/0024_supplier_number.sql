-- The supplier's own number of a purchase. Who takes no reference of ours is asked by it.
ALTER TABLE fulfilment_attempt ADD COLUMN supplier_number TEXT;
-- Its numbers of the purchases for the same account that were there before this one was sent, with spaces between;
-- NULL when nobody looked. What is not among them, and is no other attempt's, may be this one.
ALTER TABLE fulfilment_attempt ADD COLUMN numbers_before TEXT;
CREATE INDEX fulfilment_attempt_number ON fulfilment_attempt (supplier_number) WHERE supplier_number IS NOT NULL;
CREATE INDEX fulfilment_attempt_account ON fulfilment_attempt (supplier, customer_no);
