// Package embedded runs Postgres and a Temporal dev server as child processes,
// for `steward dev` and for tests. Production brings its own.
//
// [LockDir] takes a data folder for one process. [StartPostgres] keeps a
// cluster there, run by binaries found on this machine; [StartTemporal] keeps
// Temporal's SQLite file there, or nothing at all. Both listen on 127.0.0.1
// only, both come back by themselves after any kind of death, and both leave
// nothing running once stopped. Every error is one sentence that says what to
// do.
//
// # What lies in a data folder
//
//	steward.lock       held by the steward that uses the folder
//	postgres/          the cluster
//	postgres.at        instead of it: where the cluster lies, see below
//	postgres.lock      held by the process that runs it
//	postgres.password  the password of the database's only role
//	temporal.db        what Temporal waits for; -wal and -shm belong to it
//	temporal.version   the server that made it
//	temporal.pid       the server that uses it
//	temporal.lock      held by the process that runs that
//
// # Run by root
//
// Postgres refuses to be root. Then it runs as the user who owns the cluster;
// a new one is given to the user postgres, or nobody where there is no
// postgres. When that user cannot enter the data folder (it lies below /root,
// say), the cluster lies in /var/lib/steward, or /var/tmp where that cannot be
// written, and postgres.at in the data folder remembers where. It stays there
// when the data folder is removed.
package embedded
