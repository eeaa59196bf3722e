-- What a product may cost at a supplier, by the word of a person who looked at its seller, where it is bought there by a
-- further route; NULL when nobody had to say so. By its own route that word is the cost of the product.
ALTER TABLE supplier_listing ADD COLUMN accepted BIGINT;

-- What is bought of a supplier by further routes, when its prices are judged.
CREATE INDEX product_route_supplier ON product_route (supplier);
