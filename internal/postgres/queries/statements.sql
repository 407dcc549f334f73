-- name: StatementParties :one
-- Who a statement of account is from and for.
SELECT p.name, p.address, p.email, p.phone, p.website, p.tax_id, p.bank_details, p.footer,
    p.street, p.city, p.postal_code, p.country_code, p.vat_id, p.iban, p.bic,
    c.name AS client_name, c.billing_address, c.email AS client_email, c.tax_id AS client_tax_id, c.language, c.currency,
    c.street AS client_street, c.city AS client_city, c.postal_code AS client_postal_code, c.country_code AS client_country_code, c.vat_id AS client_vat_id
FROM client c CROSS JOIN provider p WHERE c.id = @client_id;

-- name: OpenAsOf :many
-- What was owed on each invoice on a day, by the days things were dated:
-- issued, voided, applied, undone.
SELECT i.id, i.client_id, c.name AS client_name, i.currency, i.number, i.issued_on, i.due_on, i.total, (i.total - coalesce(s.amount, 0))::numeric AS balance
FROM invoice i JOIN client c ON c.id = i.client_id
    LEFT JOIN LATERAL (SELECT sum(a.amount) AS amount FROM payment_application a
        WHERE a.invoice_id = i.id AND a.applied_on <= @as_of AND (a.undone_on IS NULL OR a.undone_on > @as_of)) s ON true
WHERE i.state <> 'draft' AND i.issued_on <= @as_of AND (i.voided_on IS NULL OR i.voided_on > @as_of)
    AND (sqlc.narg('client_id')::uuid IS NULL OR i.client_id = sqlc.narg('client_id'))
    AND i.total > coalesce(s.amount, 0)
ORDER BY c.name, i.client_id, i.currency, i.due_on, i.number;

-- name: CreditAsOf :many
-- What each client had left over on a day.
SELECT x.client_id, c.name AS client_name, x.currency, sum(x.amount - coalesce(s.amount, 0))::numeric AS credit
FROM (
    SELECT p.id, p.client_id, p.currency, p.amount FROM payment p WHERE p.received_on <= @as_of AND (p.reversed_on IS NULL OR p.reversed_on > @as_of)
    UNION ALL
    SELECT n.id, n.client_id, n.currency, n.total FROM credit_note n WHERE n.issued_on <= @as_of AND (n.voided_on IS NULL OR n.voided_on > @as_of)
) x JOIN client c ON c.id = x.client_id
    LEFT JOIN LATERAL (SELECT sum(a.amount) AS amount FROM payment_application a
        WHERE (a.payment_id = x.id OR a.credit_note_id = x.id) AND a.applied_on <= @as_of AND (a.undone_on IS NULL OR a.undone_on > @as_of)) s ON true
WHERE (sqlc.narg('client_id')::uuid IS NULL OR x.client_id = sqlc.narg('client_id'))
GROUP BY x.client_id, c.name, x.currency HAVING sum(x.amount - coalesce(s.amount, 0)) <> 0
ORDER BY c.name, x.client_id, x.currency;

-- name: Movements :many
-- The ledger of a client up to a day: what was owed more or less, and why.
WITH m AS (
    SELECT i.issued_on::date AS on_day, 'invoice'::text AS kind, i.number, ''::text AS text, i.due_on, i.currency, i.total AS amount, 1 AS rank, i.id
        FROM invoice i WHERE i.client_id = @client_id AND i.state <> 'draft'
    UNION ALL SELECT i.voided_on, 'void', i.number, i.void_reason, NULL, i.currency, -i.total, 2, i.id FROM invoice i WHERE i.client_id = @client_id AND i.state = 'void'
    UNION ALL SELECT n.issued_on, 'credit_note', n.number, i.number, NULL, n.currency, -n.total, 3, n.id FROM credit_note n JOIN invoice i ON i.id = n.invoice_id WHERE n.client_id = @client_id
    UNION ALL SELECT n.voided_on, 'credit_note_void', n.number, n.void_reason, NULL, n.currency, n.total, 8, n.id FROM credit_note n WHERE n.client_id = @client_id AND n.voided_at IS NOT NULL
    UNION ALL SELECT w.written_off_on, 'write_off', i.number, '', NULL, w.currency, -w.amount, 9, w.id FROM write_off w JOIN invoice i ON i.id = w.invoice_id WHERE w.client_id = @client_id
    UNION ALL SELECT w.reversed_on, 'write_off_reversal', i.number, '', NULL, w.currency, w.amount, 10, w.id FROM write_off w JOIN invoice i ON i.id = w.invoice_id WHERE w.client_id = @client_id AND w.reversed_at IS NOT NULL
    UNION ALL SELECT p.received_on, 'payment', p.reference, p.method, NULL, p.currency, -p.amount, 4, p.id FROM payment p WHERE p.client_id = @client_id
    UNION ALL SELECT p.reversed_on, 'reversal', p.reference, p.reversal_reason, NULL, p.currency, p.amount, 5, p.id FROM payment p WHERE p.client_id = @client_id AND p.reversed_at IS NOT NULL
    UNION ALL SELECT r.refunded_on, 'refund', r.reference, r.method, NULL, r.currency, r.amount, 6, r.id FROM refund r WHERE r.client_id = @client_id
    UNION ALL SELECT r.reversed_on, 'refund_reversal', r.reference, r.reversal_reason, NULL, r.currency, -r.amount, 7, r.id FROM refund r WHERE r.client_id = @client_id AND r.reversed_at IS NOT NULL
)
SELECT m.on_day::date AS on_day, m.kind, m.number, m.text, m.due_on::date AS due_on, m.currency, m.amount::numeric AS amount FROM m WHERE m.on_day <= @until::date ORDER BY m.currency, m.on_day, m.rank, m.id;
