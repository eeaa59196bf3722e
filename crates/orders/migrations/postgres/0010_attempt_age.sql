-- No purchase is sent again 85 days (7344000000 ms) after it was first sent: the supplier may have forgotten its
-- reference by then and would buy again. The database refuses to record such a send, and so it is not made. What
-- becomes known of an old attempt is recorded all the same.
CREATE FUNCTION refuse_late_send() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last_asked_at IS DISTINCT FROM OLD.last_asked_at
        AND (NEW.first_sent_at IS NULL OR NEW.last_asked_at - COALESCE(OLD.first_sent_at, NEW.first_sent_at) >= 7344000000)
    THEN
        RAISE EXCEPTION 'a fulfilment attempt is not sent 85 days after its first send' USING ERRCODE = 'check_violation';
    END IF;
    -- The first send stays the first one, unless it was the only one and certainly never left.
    IF OLD.first_sent_at IS NOT NULL AND NEW.first_sent_at IS DISTINCT FROM OLD.first_sent_at
        AND NOT (NEW.first_sent_at IS NULL AND OLD.state = 'sent' AND OLD.last_asked_at IS NOT DISTINCT FROM OLD.first_sent_at)
    THEN
        RAISE EXCEPTION 'the first send of a fulfilment attempt is not changed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER fulfilment_attempt_age BEFORE INSERT OR UPDATE OF first_sent_at, last_asked_at ON fulfilment_attempt
    FOR EACH ROW EXECUTE FUNCTION refuse_late_send();
