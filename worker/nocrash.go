//go:build !crash

package worker

import "go.temporal.io/sdk/interceptor"

// crashing adds nothing: only a binary built for tests can die on purpose.
func crashing() []interceptor.WorkerInterceptor { return nil }
