-- What suppliers say of their products: the newest word about each.
CREATE TABLE supplier_listing (
    supplier TEXT NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    brand TEXT NOT NULL,
    seller TEXT NOT NULL,
    description TEXT NOT NULL,
    price BIGINT NOT NULL,
    buyer_active BIGINT NOT NULL CHECK (buyer_active IN (0, 1)),
    seller_active BIGINT NOT NULL CHECK (seller_active IN (0, 1)),
    -- NULL for any number.
    stock BIGINT,
    -- Whether the same account may have it twice on one day.
    multi BIGINT NOT NULL CHECK (multi IN (0, 1)),
    -- Minutes of the WIB day; the end may be before the start. Both NULL when there is no cut-off.
    cut_off_start BIGINT,
    cut_off_end BIGINT,
    -- Why its price is not believed; NULL when it is.
    doubt TEXT,
    -- Since when it has this price, and when it was last told.
    priced_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (supplier, sku),
    CHECK (cut_off_start BETWEEN 0 AND 1439),
    CHECK (cut_off_end BETWEEN 0 AND 1439),
    CHECK ((cut_off_start IS NULL) = (cut_off_end IS NULL))
);

-- What is left of our deposit at each supplier, by the newest word about it.
CREATE TABLE supplier_deposit (
    supplier TEXT NOT NULL PRIMARY KEY,
    left_over BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

-- What was bought of a supplier in the last days, for the forecast of its deposit.
CREATE INDEX fulfilment_attempt_spent ON fulfilment_attempt (supplier, first_sent_at);
