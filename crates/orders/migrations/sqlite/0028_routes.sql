-- Where else a product can be bought, when not by the supplier and code that its own row names (rank 1).
CREATE TABLE product_route (
    product_code TEXT NOT NULL REFERENCES product (code),
    rank BIGINT NOT NULL,
    supplier TEXT NOT NULL,
    supplier_sku TEXT NOT NULL,
    customer_template TEXT NOT NULL,
    active BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (product_code, rank),
    UNIQUE (product_code, supplier, supplier_sku),
    CHECK (rank >= 2),
    CHECK (active IN (0, 1))
);
