package document

import "testing"

// alphabets are the letters that names are written in, beyond ASCII.
var alphabets = map[string]string{
	"Western":    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿŒœẞ",
	"Central":    "ĀāĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĹĺĻļĽľŁłŃńŅņŇňŐőŔŕŘřŚśŞşȘșŠšŤťȚțŪūŮůŰűŲųŴŵŶŷŹźŻżŽž",
	"Vietnamese": "ĂăÂâĐđÊêÔôƠơƯưẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ",
	"Greek":      "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψωΆΈΉΊΌΎΏάέήίόύώϊϋΐΰἀἐἠἰὀὐὠᾳῃῳῆῶ",
	"Cyrillic":   "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюяҐґЄєІіЇїЎўЂђЈјЉљЊњЋћЏџѓќӘәҒғҚқҢңӨөҰұҮүҺһ",
	"signs":      "€£¥₽₺₹₫₴§№©®™°±×÷–—‘’“”„«»…·•½\uFFFD",
}

func TestFontsHaveEveryLatinGreekAndCyrillicLetter(t *testing.T) { // S1.77
	t.Parallel()
	for name, alphabet := range alphabets {
		for i, glyphs := range glyphsOf(t, alphabet) {
			for _, r := range alphabet {
				if glyphs(r) == 0 {
					t.Errorf("%s: font %d has no %q", name, i+1, r)
				}
			}
		}
	}
}

func TestLettersThatTheFontsLackShowAsABox(t *testing.T) { // S1.77
	t.Parallel()
	for _, glyphs := range glyphsOf(t, "山א") {
		if glyphs('山') != 0 || glyphs('א') != 0 {
			t.Error("a letter that is missing shows as another one")
		}
	}
}

// glyphsOf prints text in both weights and tells which glyph each letter has
// there; 0 is the box for what is missing.
func glyphsOf(t *testing.T, text string) []func(rune) int {
	t.Helper()
	pdf := render(t, InvoiceData{Currency: "EUR", Notes: text, Buyer: Buyer{Name: text}})
	var fonts []func(rune) int
	for _, m := range streams(t, pdf, glyphMap) {
		fonts = append(fonts, func(r rune) int { return int(m[2*r])<<8 | int(m[2*r+1]) })
	}
	if len(fonts) != 2 {
		t.Fatalf("got %d fonts, want 2", len(fonts))
	}
	return fonts
}
