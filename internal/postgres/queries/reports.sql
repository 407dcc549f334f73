-- name: Utilisation :many
-- What the staff recorded from a day to a day.
SELECT p.id, p.name, coalesce(sum(e.minutes), 0)::bigint AS recorded,
    coalesce(sum(e.minutes) FILTER (WHERE e.billing = 'billable'), 0)::bigint AS billable
FROM person p LEFT JOIN time_entry e ON e.person_id = p.id AND e.work_date BETWEEN @from_on AND @to_on
WHERE p.kind = 'staff' AND (p.active OR e.id IS NOT NULL)
GROUP BY p.id ORDER BY lower(p.name), p.id;

-- name: WorkInProgress :many
-- Billable time worked up to a day that was on no completed invoice on that
-- day, also where it has been billed or released since.
SELECT e.id, e.project_id, e.task_id, e.person_id, e.work_date, e.minutes, e.billing, e.version, e.rate_override
FROM time_entry e
WHERE e.billing = 'billable' AND e.work_date <= @as_of
    AND NOT EXISTS (SELECT FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
        WHERE l.id = e.invoice_line_id AND i.state = 'complete' AND i.issued_on <= @as_of
            AND NOT EXISTS (SELECT FROM undone_correction u JOIN credit_note n ON n.id = u.credit_note_id
                WHERE u.entry_id = e.id AND u.invoice_line_id = l.id AND u.treatment = 'release' AND n.issued_on <= @as_of AND n.voided_on > @as_of))
    AND NOT EXISTS (SELECT FROM entry_correction c JOIN invoice_line l ON l.id = c.invoice_line_id JOIN invoice i ON i.id = l.invoice_id
            LEFT JOIN credit_note n ON n.id = c.credit_note_id
        WHERE c.entry_id = e.id AND c.treatment = 'release' AND i.issued_on <= @as_of AND coalesce(n.issued_on, i.voided_on) > @as_of
            AND NOT EXISTS (SELECT FROM undone_correction u JOIN credit_note v ON v.id = u.credit_note_id
                WHERE u.entry_id = e.id AND u.invoice_line_id = l.id AND u.treatment = 'release' AND v.issued_on <= @as_of AND v.voided_on > @as_of))
ORDER BY e.project_id, e.task_id, e.person_id;

-- name: ProjectCost :one
-- What the time on a project costs in a currency, the minutes of people without
-- a cost rate on the day, and what was spent, which is in the project's currency.
SELECT coalesce(sum(e.minutes * c.hourly / 60), 0)::numeric AS cost, coalesce(sum(e.minutes) FILTER (WHERE c.id IS NULL), 0)::bigint AS uncosted,
    (SELECT coalesce(sum(x.amount), 0) FROM expense x WHERE x.project_id = @project_id)::numeric AS spent
FROM time_entry e LEFT JOIN person_cost c ON c.person_id = e.person_id AND c.currency = @currency AND c.valid @> e.work_date
WHERE e.project_id = @project_id;

-- name: ProjectIDs :many
SELECT id FROM project WHERE id > @after ORDER BY id LIMIT @page;

-- name: CloseCost :exec
UPDATE person_cost SET valid = daterange(lower(valid), @from_on::date) WHERE person_id = @person_id AND currency = @currency AND valid @> @from_on::date AND lower(valid) < @from_on::date;

-- name: DeleteCostsFrom :exec
DELETE FROM person_cost WHERE person_id = @person_id AND currency = @currency AND lower(valid) = @from_on::date;

-- name: InsertCost :exec
INSERT INTO person_cost (id, person_id, hourly, currency, valid)
VALUES (@id, @person_id, @hourly, @currency, daterange(@from_on::date,
    (SELECT min(lower(c.valid)) FROM person_cost c WHERE c.person_id = @person_id AND c.currency = @currency AND lower(c.valid) > @from_on::date)));

-- name: CostsOfPerson :many
SELECT id, hourly, currency, lower(valid)::date AS from_on, upper(valid)::date AS to_on FROM person_cost WHERE person_id = @person_id ORDER BY currency, lower(valid);
