package load

import (
	"context"
	"errors"
)

func (in *Installation) server(context.Context) error { return errors.New("not yet") }
