package flow

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"steward/internal/fault"
)

// Refused tells a refusal, which is an answer, from a failure, which is not,
// and gives its code.
func Refused(err error) (fault.Code, bool) {
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.NonRetryable() && app.Category() == temporal.ApplicationErrorCategoryBenign {
		return fault.Code(app.Type()), true
	}
	return "", false
}
