-- What simulated parties hold for products that Loket does not use: invoices, subscriptions, payouts.
CREATE TABLE world_shelf (
    party TEXT NOT NULL,
    product TEXT NOT NULL,
    id TEXT NOT NULL,
    reference TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (party, product, id)
);
CREATE INDEX world_shelf_reference ON world_shelf (party, product, reference);
