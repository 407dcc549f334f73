package story

import "strings"

// projectNews are what people read in their inbox of a project: who did it,
// the project.
var projectNews = map[string]string{
	"clearance_asked":    "%a asks for clearance of %p",
	"clearance_reminder": "%p still waits for clearance",
	"cleared":            "%a gave clearance to %p: work can begin",
	"project_given":      "%a made you the account manager of %p",
	"project_taken":      "%a handed %p, which you managed, over to another account manager",
}

// projectDeeds are what an action on a project's life did, where people have
// its tasks.
var projectDeeds = map[string]string{
	"clear":    "%a gave clearance to %p: its tasks can be opened",
	"hold":     "%a put %p on hold",
	"resume":   "%a resumed %p",
	"complete": "%a completed %p",
	"cancel":   "%a cancelled %p",
}

// ProjectNews is what somebody is told of a project, in a line: of a kind of
// notice, or of an action on its life.
func ProjectNews(kind, verb, actor, project string) string {
	news := projectNews[kind]
	if news == "" {
		news = projectDeeds[verb]
	}
	if news == "" {
		news = "%a changed %p"
	}
	return strings.NewReplacer("%a", actor, "%p", project).Replace(news)
}
