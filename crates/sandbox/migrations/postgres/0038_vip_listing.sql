-- What has become of a product of the simulated VIP Reseller since the world was opened; NULL where nothing has.
CREATE TABLE world_vip_listing (
    sku TEXT NOT NULL PRIMARY KEY,
    price BIGINT,
    stock BIGINT,
    -- 0 when it is listed as `empty`.
    available BIGINT
);
