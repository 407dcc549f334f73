-- name: LockGuess :one
INSERT INTO guess (key, open_at, seen_at) VALUES (@key, @now, @now)
ON CONFLICT (key) DO UPDATE SET key = excluded.key
RETURNING count, open_at, seen_at;

-- name: SetGuess :exec
UPDATE guess SET count = @count, open_at = @open_at, seen_at = @seen_at WHERE key = @key;

-- name: GiveGuessBack :exec
-- It was none: who guessed was right. Unless others guessed meanwhile, the
-- next need not wait.
UPDATE guess SET count = greatest(count - 1, 0), open_at = CASE WHEN open_at = @taken THEN @now ELSE open_at END WHERE key = @key;

-- name: ForgetGuesses :exec
DELETE FROM guess WHERE key = @key;

-- name: Sessions :many
SELECT id, secret_hash, created_at, seen_at, expires_at, source, agent FROM session
WHERE person_id = @person_id AND expires_at > @now AND seen_at > @idle_since ORDER BY created_at, id;

-- name: EndSession :execrows
DELETE FROM session WHERE id = @id AND person_id = @person_id;

-- name: EndOtherSessions :exec
DELETE FROM session WHERE person_id = @person_id AND secret_hash <> @secret_hash;

-- name: SeeSession :exec
UPDATE session SET seen_at = @now WHERE secret_hash = @secret_hash AND seen_at < @now;

-- name: UseToken :exec
UPDATE api_token SET used_at = @now WHERE id = @id AND (used_at IS NULL OR used_at < @now);

-- name: RevokeTokenOfAnybody :one
UPDATE api_token SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL RETURNING person_id;

-- name: RevokeTokensOf :exec
UPDATE api_token SET revoked_at = @now WHERE person_id = @person_id AND revoked_at IS NULL;

-- name: KeptPassword :one
SELECT id, name, email, password_hash, version FROM person WHERE id = @id AND active;

-- name: SecondFactor :one
SELECT secret, confirmed_at, last_step FROM second_factor WHERE person_id = @person_id;

-- name: PutSecondFactor :execrows
-- One that was confirmed is not written over.
INSERT INTO second_factor (person_id, secret, created_at) VALUES (@person_id, @secret, @now)
ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, last_step = 0
WHERE second_factor.confirmed_at IS NULL;

-- name: ConfirmSecondFactor :execrows
UPDATE second_factor SET confirmed_at = @now, last_step = @step WHERE person_id = @person_id AND confirmed_at IS NULL AND secret = @secret;

-- name: UseStep :execrows
-- Whoever comes second with a code is refused, in whatever process.
UPDATE second_factor SET last_step = @step WHERE person_id = @person_id AND confirmed_at IS NOT NULL AND last_step < @step;

-- name: DeleteSecondFactor :execrows
WITH codes AS (DELETE FROM recovery_code r WHERE r.person_id = @person_id)
DELETE FROM second_factor f WHERE f.person_id = @person_id;

-- name: InsertRecoveryCodes :exec
INSERT INTO recovery_code (person_id, code_hash) SELECT @person_id, unnest(@hashes::bytea[]);

-- name: UseRecoveryCode :execrows
UPDATE recovery_code SET used_at = @now WHERE person_id = @person_id AND code_hash = @code_hash AND used_at IS NULL;

-- name: RecoveryCodesLeft :one
SELECT count(*) FROM recovery_code WHERE person_id = @person_id AND used_at IS NULL;

-- name: LetIn :execrows
-- A secret that sets a password, the mail that brings it and the audit of it.
-- For whom there is not or who is dismissed it is the same statement with no
-- effect, so that time does not tell who exists.
WITH p AS (
    SELECT person.id, person.name, person.email, person.version FROM person WHERE person.id = @person_id AND person.active
), r AS (
    INSERT INTO password_reset (id, secret_hash, person_id, created_at, expires_at)
    SELECT @id, @secret_hash, p.id, @now, @expires_at FROM p
), a AS (
    INSERT INTO audit_event (id, actor_id, entity_kind, entity_id, verb, version, source)
    SELECT @event_id, sqlc.narg('actor_id')::uuid, 'user', p.id, @verb, p.version, @source FROM p
)
INSERT INTO mail (id, key, message_id, to_address, to_name, subject, body, next_at, created_at, secret)
SELECT @mail_id, @mail_key, @message_id, p.email, p.name, @subject, @body, @now, @now, true FROM p;

-- name: OpenReset :one
SELECT r.id, p.id AS person_id, p.name, p.email, p.version FROM password_reset r JOIN person p ON p.id = r.person_id
WHERE r.secret_hash = @secret_hash AND r.used_at IS NULL AND r.expires_at > @now AND p.active;

-- name: UseReset :execrows
UPDATE password_reset SET used_at = @now WHERE id = @id AND used_at IS NULL AND expires_at > @now;

-- name: WithdrawResets :exec
UPDATE password_reset SET used_at = @now WHERE person_id = @person_id AND used_at IS NULL;

-- name: SweepGuesses :execrows
DELETE FROM guess WHERE seen_at < @before AND open_at < @before;

-- name: SweepSessions :execrows
DELETE FROM session WHERE expires_at < @before;

-- name: SweepResets :execrows
DELETE FROM password_reset WHERE expires_at < @before;

-- name: SweepSecondFactors :execrows
DELETE FROM second_factor WHERE confirmed_at IS NULL AND created_at < @before;

-- name: PersonByIdentity :one
-- Both locked, so that who is dismissed or parted meanwhile is not let in.
SELECT p.id, p.name, p.email, p.kind, p.active, p.version, i.id AS identity_id
FROM identity i JOIN person p ON p.id = i.person_id WHERE i.issuer = @issuer AND i.subject = @subject
FOR NO KEY UPDATE;

-- name: InsertIdentity :execrows
-- Nothing, where the person has another there already, or the same was written
-- at the same time.
INSERT INTO identity (id, person_id, issuer, subject, email, created_at, used_at)
VALUES (@id, @person_id, @issuer, @subject, @email, @now, @now) ON CONFLICT DO NOTHING;

-- name: UseIdentity :exec
UPDATE identity SET used_at = @now, email = @email WHERE id = @id;

-- name: Identities :many
SELECT id, issuer, subject, email, created_at, used_at FROM identity WHERE person_id = @person_id ORDER BY id;

-- name: DeleteIdentity :execrows
DELETE FROM identity WHERE id = @id AND person_id = @person_id;

-- name: DeleteIdentities :execrows
DELETE FROM identity WHERE person_id = @person_id;
