-- +goose Up
-- What has to have a process: reconciling tells all of it, and what is counted
-- as open is compared with what runs.
CREATE VIEW open_thing AS
SELECT 'task'::text AS kind, id FROM task WHERE status IN ('planned', 'open')
UNION ALL SELECT 'project', id FROM project WHERE status NOT IN ('complete', 'cancelled')
UNION ALL SELECT 'invoice', id FROM invoice WHERE state = 'complete' AND (paid + credited < total OR pdf_file_id IS NULL OR EXISTS (SELECT FROM invoice_sending s WHERE s.invoice_id = invoice.id AND s.by = 'email' AND s.mail_id IS NULL) OR EXISTS (SELECT FROM credit_note n WHERE n.invoice_id = invoice.id AND n.pdf_file_id IS NULL))
UNION ALL SELECT 'account', a.client_id FROM account a WHERE EXISTS (SELECT FROM invoice i WHERE i.client_id = a.client_id AND i.state = 'complete' AND i.paid + i.credited < i.total)
    OR EXISTS (SELECT FROM payment p WHERE p.client_id = a.client_id AND p.reversed_at IS NULL AND p.applied < p.amount)
    OR EXISTS (SELECT FROM credit_note n WHERE n.client_id = a.client_id AND n.applied < n.total)
UNION ALL SELECT 'reminder', id FROM reminder_letter WHERE state = 'review'
UNION ALL SELECT 'reminder-run', id FROM reminder_run WHERE state = 'planning'
UNION ALL SELECT 'status', id FROM status_report WHERE state IN ('review', 'held')
UNION ALL SELECT 'status-run', id FROM status_run WHERE state = 'running'
UNION ALL SELECT 'billing-run', id FROM billing_run WHERE state = 'running'
UNION ALL SELECT 'request', id FROM request WHERE status = 'open';
