-- +goose Up
-- The client's manager reads what was credited, and the statement of account
-- (S1.05, N.13).
ALTER TABLE provider ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_note ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment ENABLE ROW LEVEL SECURITY;
ALTER TABLE refund ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment_application ENABLE ROW LEVEL SECURITY;

CREATE POLICY portal ON provider FOR SELECT TO steward_portal USING (portal_manager()); -- the letterhead
GRANT SELECT (name, address, email, phone, website, tax_id, bank_details, footer, time_zone) ON provider TO steward_portal;
GRANT SELECT (tax_id, language) ON client TO steward_portal;

CREATE POLICY portal ON credit_note FOR SELECT TO steward_portal USING (portal_manager() AND client_id = portal_client() AND visible_at IS NOT NULL);
GRANT SELECT (id, invoice_id, client_id, currency, number, issued_on, reason, subtotal, tax, total, applied, pdf_file_id, created_at, version) ON credit_note TO steward_portal;
GRANT SELECT (id, credit_note_id, position, treatment, minutes, tax_percent) ON credit_line TO steward_portal;

CREATE POLICY portal ON payment FOR SELECT TO steward_portal USING (portal_manager() AND client_id = portal_client());
GRANT SELECT (id, client_id, currency, amount, received_on, method, reference, reversed_at, reversed_on, reversal_reason) ON payment TO steward_portal;

CREATE POLICY portal ON refund FOR SELECT TO steward_portal USING (portal_manager() AND client_id = portal_client());
GRANT SELECT (id, client_id, currency, amount, refunded_on, method, reference) ON refund TO steward_portal;

CREATE POLICY portal ON payment_application FOR SELECT TO steward_portal USING (portal_manager() AND client_id = portal_client());
GRANT SELECT (id, client_id, currency, payment_id, credit_note_id, invoice_id, amount, applied_on, undone_on) ON payment_application TO steward_portal;
