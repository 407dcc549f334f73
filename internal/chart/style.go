package chart

import (
	"fmt"
	"strings"
)

// style is all colours, by day and by night. Colours are written out instead of
// kept in variables: not every program that shows SVG knows those.
const style = `
text{font-family:Inter,"Segoe UI",system-ui,-apple-system,"Noto Sans",sans-serif;fill:#1d2530}
.page{fill:#fff}.h1{font-size:18px;font-weight:600}.name{font-size:12px;font-weight:600}.key,.dim{font-size:11px;fill:#5a6675}
.day{font-size:11px;text-anchor:middle;fill:#5a6675}.day .wd{font-weight:600;fill:#1d2530}.day.on,.day.on .wd{fill:#b3261e}
.line{stroke:#e3e7ec;fill:none}.rest{fill:#f1f3f6}.gone{fill:#f7f8fa}.today{fill:#fff7ed}.away{fill:url(#away)}.past{opacity:.62}
.now{stroke:#b3261e;stroke-width:1.5;fill:none}.dot{fill:#b3261e}.aw0{fill:#e9edf2}.aw1{stroke:#b9c2cd}
.b1{fill:url(#p1)}.b2{fill:url(#p2)}.b3{fill:url(#p3)}.b4{fill:url(#p4)}.b5{fill:url(#p5)}
.e1,.s1{fill:#b3261e;stroke:#b3261e}.e2,.s2{fill:#b45309;stroke:#b45309}.e3,.s3{fill:#1d5fbf;stroke:#1d5fbf}.e4,.s4{fill:#0b7a6b;stroke:#0b7a6b}.e5{fill:#66717f}
.e1,.e2,.e3,.e4,.e5{stroke:none}.s1,.s2,.s3{fill:none}.s4{stroke:none}.s1,.s2,.s3,.s4{opacity:.3}
.f1{fill:#fbdcd9}.f2{fill:#fde8c8}.f3{fill:#dbe8fb}.f4{fill:#d2f0ea}.f5{fill:#e6e9ed}
.t1,.t2,.t3,.t4,.t5{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
.t1{stroke:#fbdcd9}.t2{stroke:#fde8c8}.t3{stroke:#dbe8fb}.t4{stroke:#d2f0ea}.t5{stroke:#e6e9ed}
@media (prefers-color-scheme:dark){
text{fill:#e8ecf1}.page{fill:#14181d}.key,.dim,.day{fill:#9aa6b4}.day .wd{fill:#e8ecf1}.day.on,.day.on .wd{fill:#ff9b91}
.line{stroke:#2a313a}.rest{fill:#1c222a}.gone{fill:#181d23}.today{fill:#241f19}.now{stroke:#ff8a80}.dot{fill:#ff8a80}.aw0{fill:#20272f}.aw1{stroke:#4c5866}
.e1{fill:#ff8a80}.e2{fill:#f5b041}.e3{fill:#7fb2ff}.e4{fill:#4fd1bd}.e5{fill:#9aa6b4}
.s1{stroke:#ff8a80}.s2{stroke:#f5b041}.s3{stroke:#7fb2ff}.s4{fill:#4fd1bd}
.f1{fill:#4a2321}.f2{fill:#46331a}.f3{fill:#1f324e}.f4{fill:#173d38}.f5{fill:#2c343d}
.t1{stroke:#4a2321}.t2{stroke:#46331a}.t3{stroke:#1f324e}.t4{stroke:#173d38}.t5{stroke:#2c343d}
}
`

// marks tell priorities apart without their colours: from close stripes over
// wide ones, lines and dots to nothing.
var marks = []string{
	`<path class="s1" d="M-1 1L1 -1M0 6L6 0M5 7L7 5" stroke-width="2.2"/>`,
	`<path class="s2" d="M-1 11L11 -1M-1 1L1 -1M9 11L11 9" stroke-width="1.6"/>`,
	`<path class="s3" d="M0 4.5H20" stroke-width="1.6"/>`, // above and below the text of a bar
	`<circle class="s4" cx="3.5" cy="3.5" r="1.2"/>`,
	``,
}

func patterns() string {
	var b strings.Builder
	for i, size := range []int{6, 10, 20, 7, 8} {
		n := i + 1
		fmt.Fprintf(&b, `<pattern id="p%d" width="%d" height="%d" patternUnits="userSpaceOnUse"><rect class="f%d" width="%d" height="%d"/>%s</pattern>`, n, size, size, n, size, size, marks[i])
	}
	b.WriteString(`<pattern id="away" width="7" height="7" patternUnits="userSpaceOnUse"><rect class="aw0" width="7" height="7"/><path class="aw1" d="M-1 6L6 -1M1 8L8 1" stroke-width=".8"/></pattern>`)
	return b.String()
}
