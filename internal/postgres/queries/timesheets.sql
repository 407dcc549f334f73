-- name: Timesheet :one
SELECT t.state, t.submitted_at, t.decided_by, d.name AS decided_by_name, t.decided_at, t.note, t.version
FROM timesheet t LEFT JOIN person d ON d.id = t.decided_by WHERE t.person_id = @person_id AND t.week = @week;

-- name: WeekMinutes :one
SELECT coalesce(sum(e.minutes), 0)::bigint AS minutes FROM time_entry e WHERE e.person_id = @person_id AND e.work_date >= @first::date AND e.work_date <= @last::date;

-- name: SetTimesheet :exec
INSERT INTO timesheet (person_id, week, state, submitted_at, decided_by, decided_at, note) VALUES (@person_id, @week, @state, @submitted_at, @decided_by, @decided_at, @note)
ON CONFLICT (person_id, week) DO UPDATE SET state = excluded.state, submitted_at = excluded.submitted_at, decided_by = excluded.decided_by,
    decided_at = excluded.decided_at, note = excluded.note, version = timesheet.version + 1;

-- name: Timesheets :many
SELECT t.person_id, p.name AS person_name, t.week, t.state, t.submitted_at, t.decided_by, d.name AS decided_by_name, t.decided_at, t.note, t.version,
    (SELECT coalesce(sum(e.minutes), 0) FROM time_entry e WHERE e.person_id = t.person_id AND e.work_date BETWEEN t.week AND t.week + 6)::bigint AS minutes
FROM timesheet t JOIN person p ON p.id = t.person_id LEFT JOIN person d ON d.id = t.decided_by
WHERE (t.week, t.person_id) > (@after_week::date, @after_person::uuid) AND (sqlc.narg('state')::text IS NULL OR t.state = sqlc.narg('state'))
    AND (sqlc.narg('person_id')::uuid IS NULL OR t.person_id = sqlc.narg('person_id'))
    AND (sqlc.narg('viewer_id')::uuid IS NULL OR t.person_id = sqlc.narg('viewer_id')
        OR t.person_id IN (SELECT m.person_id FROM work_group_member m WHERE m.group_id = ANY (@viewer_manages::uuid[]))
        OR (t.person_id, t.week) IN (SELECT e.person_id, e.work_date - (extract(isodow FROM e.work_date)::integer - 1)
            FROM time_entry e JOIN project p ON p.id = e.project_id WHERE p.account_manager_id = sqlc.narg('viewer_id')))
ORDER BY t.week, t.person_id LIMIT @page;

-- name: TimesheetRelation :one
-- How somebody stands to the week of a person: account manager of a project
-- worked on, or of a group that the person is in.
SELECT EXISTS (SELECT FROM time_entry e JOIN project p ON p.id = e.project_id
        WHERE e.person_id = @person_id AND e.work_date >= @first::date AND e.work_date <= @last::date AND p.account_manager_id = @actor_id) AS manages_project,
    EXISTS (SELECT FROM work_group_member m WHERE m.person_id = @person_id AND m.group_id = ANY (@manages::uuid[])) AS manages_group;

-- name: Approvers :many
-- Who may approve the week of a person, besides admins: the account managers of
-- the projects worked on, and the managers of the person's groups.
SELECT p.id FROM person p
WHERE p.active AND p.id <> @person_id
    AND (p.id IN (SELECT j.account_manager_id FROM time_entry e JOIN project j ON j.id = e.project_id
            WHERE e.person_id = @person_id AND e.work_date >= @first::date AND e.work_date <= @last::date)
        OR p.id IN (SELECT g.person_id FROM work_group_member m JOIN work_group_member g ON g.group_id = m.group_id AND g.is_manager WHERE m.person_id = @person_id))
ORDER BY p.id;

-- name: LockedThrough :one
-- The last day up to which the firm, or the project, lets nobody but its account
-- manager change time.
SELECT greatest(p.locked_through, f.locked_through)::date AS through, p.account_manager_id FROM project p CROSS JOIN provider f WHERE p.id = @id;

-- name: AwaitTime :exec
-- Who locks the time of a project, or of the firm, comes after all who are changing
-- time there, and those who come later after it; until the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('time of ' || @what::text || current_schema(), 0));

-- name: ShareTime :exec
-- The firm's first, for everybody.
SELECT pg_advisory_xact_lock_shared(hashtextextended('time of ' || w.what || current_schema(), 0))
FROM (SELECT unnest(ARRAY ['', @project_id::text]) AS what ORDER BY 1 OFFSET 0) w;

-- name: LockProviderTime :exec
UPDATE provider SET locked_through = @through, version = version + 1;

-- name: ProjectLock :one
SELECT locked_through FROM project WHERE id = @id;

-- name: LockProjectTime :exec
UPDATE project SET locked_through = @through, version = version + 1 WHERE id = @id;

-- name: ProviderLock :one
SELECT locked_through, version FROM provider;

-- name: OverrideRate :exec
UPDATE time_entry SET rate_override = sqlc.narg('rate')::numeric, version = version + 1 WHERE id = @id;

-- name: RateOverride :one
SELECT rate_override FROM time_entry WHERE id = @id;

-- name: UnapprovedWeeks :many
-- Whose weeks on an invoice are not approved, where the work statement asks for
-- that.
SELECT DISTINCT pe.name, (e.work_date - (extract(isodow FROM e.work_date)::integer - 1))::date AS week
FROM invoice_project ip JOIN work_statement w ON w.project_id = ip.project_id AND w.needs_approval
    JOIN invoice_line l ON l.invoice_id = ip.invoice_id AND l.project_id = ip.project_id AND l.kind = 'time'
    JOIN time_entry e ON e.invoice_line_id = l.id JOIN person pe ON pe.id = e.person_id
WHERE ip.invoice_id = @invoice_id
    AND NOT EXISTS (SELECT FROM timesheet s WHERE s.person_id = e.person_id AND s.week = e.work_date - (extract(isodow FROM e.work_date)::integer - 1) AND s.state = 'approved')
ORDER BY week, pe.name LIMIT @page;
