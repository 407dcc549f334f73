package main

// What --help says of a command beyond its sentence: what it needs, what it
// leaves alone, and an example.

// Help is of `steward dev`.
func (devCommand) Help() string {
	return `It keeps everything in the folder --data and is for looking at steward and working on it. While it runs, other commands in the same folder find it by themselves.

    steward dev --demo`
}

// Help is of `steward api`.
func (apiCommand) Help() string {
	return `It needs Postgres, and Temporal for what people do; several may run.

    STEWARD_PUBLIC_URL=https://steward.example.com steward api --http :8080`
}

// Help is of `steward worker`.
func (workerCommand) Help() string {
	return `It needs Postgres and Temporal, and listens on nothing; several may run, and each queue needs at least one.

    steward worker --queues actions`
}

// Help is of `steward migrate`.
func (migrateCommand) Help() string {
	return `It takes DATABASE_URL. Run it before the first start and before each new version. It only adds, so that the version before goes on beside it.

    steward migrate`
}

// Help is of `steward import`.
func (importCommand) Help() string {
	return `One row that is wrong, and nothing is imported; --partial imports the others.

    steward import ./firm`
}

// Help is of `steward export`.
func (exportCommand) Help() string {
	return `People may go on working. It is no backup: invoices and files are not in it.

    steward export ./firm`
}

// Help is of `steward user add`.
func (userAdd) Help() string {
	return `It prints a password to sign in with, once.

    steward user add --email ann@firm.example --name Ann --role account_manager --role contributor`
}

// Help is of `steward token create`.
func (tokenCreate) Help() string {
	return `It is shown this once.

    TOKEN=$(steward token create --email ann@firm.example --scope read --expires 720h)`
}

// Help is of `steward bill`.
func (billCommand) Help() string {
	return `The workers do it: killed, the run goes on, and --resume follows it again.

    steward bill --through 2026-10-31 --complete`
}

// Help is of `steward reconcile`.
func (reconcileCommand) Help() string {
	return `The workers do it, as they do every night; it may be run and killed at any time.

    steward reconcile --dry-run --list`
}

// Help is of `steward backup`.
func (backupCommand) Help() string {
	return `It needs pg_dump of the server's version or newer. Keep a copy of STEWARD_SECRET_KEY elsewhere: it is not in it.

    steward backup /backups/2026-11-22`
}

// Help is of `steward restore`.
func (restoreCommand) Help() string {
	return `It needs pg_restore of the server's version or newer, and restores all or nothing. Stop every api and worker before, and run 'steward reconcile' after, with --restored where Temporal was kept.

    steward restore /backups/2026-11-22`
}

// Help is of `steward codec`.
func (codecCommand) Help() string {
	return `It needs the payload keys.

    steward codec --payload-keys file:/etc/steward/payload-keys`
}
