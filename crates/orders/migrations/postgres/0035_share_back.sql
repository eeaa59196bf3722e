-- What a person gave back of an order of which a part was delivered; what is booked for it is compared with this.
ALTER TABLE shop_order ADD COLUMN share_back BIGINT CHECK (share_back >= 0 AND share_back <= amount);
