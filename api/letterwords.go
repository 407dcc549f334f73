package api

// letterWords are the mails about somebody's own sign-in, in one language.
type letterWords struct {
	resetSubject, reset   string // name, address
	inviteSubject, invite string // name, by whom, until, address
	changedSubject        string
	changed               string // name, what, when, from where
	at                    string // layout of a time
	changes               map[signInChange]string
}

// signInChange is how somebody's sign-in has changed.
type signInChange string

const (
	passwordMailed  signInChange = "password_mailed"
	passwordChanged signInChange = "password_changed"
	passwordSet     signInChange = "password_set"
	addressChanged  signInChange = "address_changed" // to what
	factorAdded     signInChange = "factor_added"
	factorGone      signInChange = "factor_gone"
	factorRemoved   signInChange = "factor_removed"
	identityLinked  signInChange = "identity_linked" // with whom
	identityLeft    signInChange = "identity_left"
	identityParted  signInChange = "identity_parted"
)

// letterWordsFor are the words of a language, else the English ones.
func letterWordsFor(language string) letterWords {
	if w, ok := letterLanguages[language]; ok {
		return w
	}
	return letterLanguages["en"]
}

// letterLanguages holds the words by ISO 639 code. Staff read English.
var letterLanguages = map[string]letterWords{
	"en": {
		resetSubject: "Set a new password",
		reset: `Hello %s,

somebody, we think you, asked to set a new password for steward. Within an
hour, this address does, once:

%s

If it was not you, do nothing: your password is what it was.
`,
		inviteSubject: "Your account in steward",
		invite: `Hello %s,

%s has made an account for you in steward. Set your password at this address,
once, until %s:

%s
`,
		changedSubject: "How you sign in to steward has changed",
		changed: `Hello %s,

%s
It was done on %s from %s.

If it was not you, tell an admin at once.
`,
		at: "2 January at 15:04 MST",
		changes: map[signInChange]string{
			passwordMailed:  "your password was set with the address in a mail to you, and all your sessions\nhave ended.",
			passwordChanged: "your password was changed, and you were signed out everywhere else.",
			passwordSet:     "an admin has set a password for you, and all your sessions have ended.",
			addressChanged:  "the address that you sign in with was changed to\n%s.",
			factorAdded:     "sign-in now asks you for a code of your authenticator.",
			factorGone:      "sign-in does not ask you for a code any more.",
			factorRemoved:   "an admin has removed your authenticator: sign-in does not ask you for a code.",
			identityLinked:  "from now on you can sign in with your account at\n%s.",
			identityLeft:    "you have parted from an account at the identity provider. Whoever signs in with it\nand has your address there is linked to you again.",
			identityParted:  "an admin has parted you from your account at the identity provider, and all your\nsessions have ended.",
		},
	},
	"de": {
		resetSubject: "Neues Passwort festlegen",
		reset: `Guten Tag %s,

jemand, vermutlich Sie, möchte ein neues Passwort für steward festlegen. Unter
dieser Adresse geht das innerhalb einer Stunde einmal:

%s

Waren Sie es nicht, so ist nichts zu tun: Ihr Passwort bleibt, wie es war.
`,
		inviteSubject: "Ihr Konto in steward",
		invite: `Guten Tag %s,

%s hat für Sie ein Konto in steward angelegt. Legen Sie Ihr Passwort unter dieser
Adresse fest; das geht einmal, bis %s:

%s
`,
		changedSubject: "Ihre Anmeldung bei steward hat sich geändert",
		changed: `Guten Tag %s,

%s
Das geschah am %s von %s aus.

Waren Sie es nicht, wenden Sie sich bitte sofort an Ihre Ansprechpartner.
`,
		at: "02.01.2006, 15:04 MST",
		changes: map[signInChange]string{
			passwordMailed:  "Ihr Passwort wurde über die Adresse in einer E-Mail an Sie festgelegt, und alle Ihre\nSitzungen wurden beendet.",
			passwordChanged: "Ihr Passwort wurde geändert, und Sie wurden überall sonst abgemeldet.",
			passwordSet:     "ein Administrator hat ein Passwort für Sie festgelegt, und alle Ihre Sitzungen wurden\nbeendet.",
			addressChanged:  "die Adresse, mit der Sie sich anmelden, lautet jetzt\n%s.",
			factorAdded:     "bei der Anmeldung wird jetzt ein Code Ihrer Authentifizierungs-App verlangt.",
			factorGone:      "bei der Anmeldung wird kein Code mehr verlangt.",
			factorRemoved:   "ein Administrator hat Ihre Authentifizierungs-App entfernt: Bei der Anmeldung wird kein\nCode verlangt.",
			identityLinked:  "ab jetzt können Sie sich mit diesem Konto anmelden:\n%s.",
			identityLeft:    "Sie haben die Verbindung zu einem Konto beim Identitätsanbieter gelöst. Wer sich damit\nanmeldet und dort Ihre Adresse hat, wird wieder mit Ihnen verbunden.",
			identityParted:  "ein Administrator hat die Verbindung zu Ihrem Konto beim Identitätsanbieter gelöst, und\nalle Ihre Sitzungen wurden beendet.",
		},
	},
	"fr": {
		resetSubject: "Définir un nouveau mot de passe",
		reset: `Bonjour %s,

quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour steward. Cette
adresse permet de le définir, une seule fois et pendant une heure :

%s

Si ce n’était pas vous, ne faites rien : votre mot de passe reste le même.
`,
		inviteSubject: "Votre compte dans steward",
		invite: `Bonjour %s,

%s vous a ouvert un compte dans steward. Définissez votre mot de passe à cette
adresse, une seule fois, avant l’échéance (%s) :

%s
`,
		changedSubject: "Votre connexion à steward a changé",
		changed: `Bonjour %s,

%s
Date : %s. Origine : %s.

Si ce n’était pas vous, prévenez aussitôt vos interlocuteurs.
`,
		at: "02/01/2006 15:04 MST",
		changes: map[signInChange]string{
			passwordMailed:  "votre mot de passe a été défini avec l’adresse envoyée par courriel, et toutes vos\nsessions ont pris fin.",
			passwordChanged: "votre mot de passe a été changé, et vos autres sessions ont pris fin.",
			passwordSet:     "un administrateur vous a donné un mot de passe, et toutes vos sessions ont pris fin.",
			addressChanged:  "l’adresse avec laquelle vous vous connectez est maintenant\n%s.",
			factorAdded:     "la connexion demande maintenant un code de votre application d’authentification.",
			factorGone:      "la connexion ne demande plus de code.",
			factorRemoved:   "un administrateur a retiré votre application d’authentification : la connexion ne demande\nplus de code.",
			identityLinked:  "vous pouvez désormais vous connecter avec ce compte :\n%s.",
			identityLeft:    "vous avez dissocié un compte chez le fournisseur d’identité. Qui se connecte avec ce compte\net y a votre adresse vous sera de nouveau associé.",
			identityParted:  "un administrateur a dissocié votre compte chez le fournisseur d’identité, et toutes vos\nsessions ont pris fin.",
		},
	},
	"es": {
		resetSubject: "Establecer una nueva contraseña",
		reset: `Hola, %s:

alguien, creemos que usted, ha pedido una nueva contraseña para steward. Esta
dirección permite establecerla, una sola vez y durante una hora:

%s

Si no ha sido usted, no haga nada: su contraseña sigue siendo la misma.
`,
		inviteSubject: "Su cuenta en steward",
		invite: `Hola, %s:

%s ha creado una cuenta para usted en steward. Establezca su contraseña en esta
dirección, una sola vez, antes de que caduque (%s):

%s
`,
		changedSubject: "Su acceso a steward ha cambiado",
		changed: `Hola, %s:

%s
Fecha: %s. Origen: %s.

Si no ha sido usted, avise de inmediato a sus interlocutores.
`,
		at: "02/01/2006 15:04 MST",
		changes: map[signInChange]string{
			passwordMailed:  "su contraseña se ha establecido con la dirección de un correo enviado a usted, y todas\nsus sesiones han terminado.",
			passwordChanged: "su contraseña ha cambiado, y sus demás sesiones han terminado.",
			passwordSet:     "un administrador le ha dado una contraseña, y todas sus sesiones han terminado.",
			addressChanged:  "la dirección con la que inicia sesión es ahora\n%s.",
			factorAdded:     "el inicio de sesión pide ahora un código de su aplicación de autenticación.",
			factorGone:      "el inicio de sesión ya no pide ningún código.",
			factorRemoved:   "un administrador ha retirado su aplicación de autenticación: el inicio de sesión no pide\nningún código.",
			identityLinked:  "desde ahora puede iniciar sesión con esta cuenta:\n%s.",
			identityLeft:    "ha desvinculado una cuenta del proveedor de identidad. Quien inicie sesión con ella y\ntenga allí su dirección volverá a quedar vinculado a usted.",
			identityParted:  "un administrador ha desvinculado su cuenta del proveedor de identidad, y todas sus\nsesiones han terminado.",
		},
	},
}
