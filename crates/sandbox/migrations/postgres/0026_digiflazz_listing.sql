-- What has become of a product of the simulated Digiflazz since the world was opened; NULL where nothing has.
CREATE TABLE world_digiflazz_listing (
    sku TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    -- What the seller asks, and what the list says when it has not caught up.
    price BIGINT,
    list_price BIGINT,
    buyer_active BIGINT,
    seller_active BIGINT,
    stock BIGINT,
    unlimited BIGINT,
    multi BIGINT,
    cut_off_start TEXT,
    cut_off_end TEXT,
    -- 1 when it is on no list and cannot be bought.
    gone BIGINT
);
