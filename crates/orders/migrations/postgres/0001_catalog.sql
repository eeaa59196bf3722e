-- The catalog: what the shop sells, for how much, and how each product is bought.

CREATE TABLE category (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    icon TEXT NOT NULL,
    active BIGINT NOT NULL,
    position BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (active IN (0, 1))
);

CREATE INDEX category_shown ON category (active, position, code);

CREATE TABLE product (
    code TEXT NOT NULL PRIMARY KEY,
    category_code TEXT NOT NULL REFERENCES category (code),
    name TEXT NOT NULL,
    price BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    description TEXT NOT NULL,
    supplier TEXT NOT NULL,
    supplier_sku TEXT NOT NULL,
    customer_template TEXT NOT NULL,
    active BIGINT NOT NULL,
    position BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (cost > 0),
    CHECK (price >= cost),
    CHECK (active IN (0, 1))
);

CREATE INDEX product_shown ON product (category_code, active, position, code);
