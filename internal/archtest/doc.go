// Package archtest holds the house to its plan. It has tests only: who imports
// whom, what pure packages leave alone, how code is written, and that the
// documents say what is so. What a test refuses is either mended or, where the
// plan has changed, changed in the table here and in docs/architecture.md.
package archtest
