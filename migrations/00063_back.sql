-- +goose Up
-- What refers to an invoice or its lines is looked up there when drafts, or what
-- was on them, are deleted: a run over all projects makes and deletes one for each
-- that has nothing to bill, and had read the items of all runs before each time.
CREATE INDEX billing_run_item_by_invoice ON billing_run_item (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX undone_correction_by_line ON undone_correction (invoice_line_id);
CREATE INDEX item_release_by_line ON item_release (invoice_line_id);
-- What a credit note took back, by the note.
CREATE INDEX entry_correction_by_note ON entry_correction (credit_note_id) WHERE credit_note_id IS NOT NULL;
