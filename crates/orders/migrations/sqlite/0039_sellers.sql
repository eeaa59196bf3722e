-- Who sells a product at its supplier, as the owner notes it; empty when nothing is noted.
ALTER TABLE product ADD COLUMN seller TEXT NOT NULL DEFAULT '';
ALTER TABLE product_route ADD COLUMN seller TEXT NOT NULL DEFAULT '';
