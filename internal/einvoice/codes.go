package einvoice

import (
	"net/mail"
	"strings"

	"steward/internal/fault"
	"steward/internal/money"
)

// countries are the codes of ISO 3166-1, and those that BR-CL-14 knows beside.
const countries = " 1A AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XI YE YT ZA ZM ZW "

// schemes are the kinds of electronic addresses: the list EAS, BR-CL-25.
const schemes = " 0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184 0188 0190 0191 0192 0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211 0212 0213 0215 0216 0217 0218 0219 0220 0221 0225 0230 0235 0240 0242 0244 0245 0246 0248 9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 9959 AN AQ AS AU EM "

func listed(list, code string) bool {
	return code != "" && !strings.Contains(code, " ") && strings.Contains(list, " "+code+" ")
}

// tight is a code as it is stored: in capitals, without what people put between
// its groups.
func tight(s string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "\u00a0", "", ".", "", "-", "").Replace(s))
}

func isCode(s, more string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"+more) == ""
}

// ParseCountry reads a country's code in any case; "" is none. It refuses what
// ISO 3166-1 does not know.
func ParseCountry(field, s string) (string, error) {
	c := tight(s)
	if c != "" && !listed(countries, c) {
		return "", fault.Wrong(field, "%q is not a country's code of ISO 3166-1, such as DE", s)
	}
	return c, nil
}

// ParseVATID reads a VAT identifier with its country's prefix, "DE 123 456 789";
// "" is none. Greece's prefix is EL. Rule: BR-CO-09.
func ParseVATID(field, s string) (string, error) {
	v := tight(s)
	if v == "" {
		return "", nil
	}
	if len(v) < 4 || len(v) > 20 || !isCode(v, "+*") || !listed(countries, v[:2]) && v[:2] != "EL" {
		return "", fault.Wrong(field, "%q is not a VAT identifier with its country's prefix, such as DE123456789", s)
	}
	return v, nil
}

// ParseEndpoint reads an electronic address, "0192:987654325": its scheme from
// the list EAS, a colon, the address. "" is none.
func ParseEndpoint(field, s string) (string, error) {
	s = line(s)
	if s == "" {
		return "", nil
	}
	scheme, address := endpoint(s)
	if !listed(schemes, scheme) || address == "" {
		return "", fault.Wrong(field, "%q is not an electronic address, such as 0192:987654325: a scheme of the list EAS, a colon, the address", s)
	}
	if scheme == "EM" {
		if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
			return "", fault.Wrong(field, "%q is not an e-mail address", address)
		}
	}
	return scheme + ":" + address, nil
}

// endpoint takes an electronic address apart.
func endpoint(s string) (scheme, address string) {
	scheme, address, _ = strings.Cut(s, ":")
	return strings.ToUpper(strings.TrimSpace(scheme)), strings.TrimSpace(address)
}

// ParseIBAN reads an account's number by ISO 13616 and checks its digits; "" is
// none.
func ParseIBAN(field, s string) (string, error) {
	v := tight(s)
	if v == "" {
		return "", nil
	}
	if len(v) < 15 || len(v) > 34 || !isCode(v, "") || strings.Trim(v[:2], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" ||
		strings.Trim(v[2:4], "0123456789") != "" || money.Mod97(v[4:]+v[:4]) != 1 {
		return "", fault.Wrong(field, "%q is not an IBAN: its check digits do not fit", s)
	}
	return v, nil
}

// ParseBIC reads a bank's code by ISO 9362; "" is none.
func ParseBIC(field, s string) (string, error) {
	v := tight(s)
	if v != "" && (len(v) != 8 && len(v) != 11 || !isCode(v, "")) {
		return "", fault.Wrong(field, "%q is not a BIC: it has 8 or 11 letters and digits", s)
	}
	return v, nil
}
