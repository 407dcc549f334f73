-- +goose Up
-- +goose StatementBegin
-- What was written off is not credited too (S1.80, N.04): nobody paid it, and it
-- would be the client's credit. The release before knows of no write-offs.
CREATE FUNCTION refuse_credit_of_write_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM invoice i WHERE i.id = NEW.invoice_id AND i.written_off > 0 AND i.total < i.written_off + NEW.total
        + (SELECT coalesce(sum(n.total), 0) FROM credit_note n WHERE n.invoice_id = i.id AND n.voided_at IS NULL);
    IF FOUND THEN
        RAISE EXCEPTION 'some of invoice % was written off', NEW.invoice_id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'credit_within_invoice';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER within_invoice BEFORE INSERT ON credit_note FOR EACH ROW EXECUTE FUNCTION refuse_credit_of_write_off();
