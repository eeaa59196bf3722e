-- One message outside shows one thing at a time: what was asked last takes its place.
ALTER TABLE screen ADD COLUMN surface TEXT;
-- When it is drawn for the last time, before its time is over.
ALTER TABLE screen ADD COLUMN last_at BIGINT;
CREATE UNIQUE INDEX screen_surface ON screen (courier, surface);
CREATE INDEX screen_live ON screen (live_until);
