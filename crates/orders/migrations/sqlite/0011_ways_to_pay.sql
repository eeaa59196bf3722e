-- What the newer ways to pay need: a page of the gateway, and the buyer's number with the wallet.
ALTER TABLE payment ADD COLUMN redirect_url TEXT;
-- Encrypted, and what may be shown of it.
ALTER TABLE payment ADD COLUMN phone_sealed TEXT;
ALTER TABLE payment ADD COLUMN phone_mask TEXT;

-- The number that a buyer asked us to remember.
CREATE TABLE payer_phone (
    buyer TEXT NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL,
    mask TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
