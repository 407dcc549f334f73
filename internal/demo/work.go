package demo

func (d *filler) projects() {
	d.project("Web shop", "SHOP", "Aldgate Foods Ltd", object{"billing_period": "monthly", "anchor_day": 31, "purchase_order": "AF-20417"}, true)
	d.project("Warehouse scanner", "SCAN", "Müller & Söhne GmbH", object{"billing_period": "monthly", "anchor_day": 31}, true)
	d.project("Brand refresh", "BRAND", "Kawase Design K.K.", object{"billing_period": "monthly", "anchor_day": 15, "increment_minutes": 15}, true)
	d.project("Loyalty card", "CARD", "Aldgate Foods Ltd", object{"billing_period": "on_completion"}, false)
}

// project sets one up as its account manager; cleared by the administrator, or
// still waiting for that.
func (d *filler) project(name, code, client string, statement object, cleared bool) {
	id := d.call(olivia, "POST", "/projects", object{
		"client_id": d.ids[client], "name": name, "code": code, "starts_on": d.ago(40), "ends_on": d.ago(-60), "work_statement": statement,
	})
	d.ids[code] = id
	d.call(olivia, "POST", "/projects/"+id+"/request-clearance", object{"note": "The work statement is signed."})
	if cleared {
		d.call("", "POST", "/projects/"+id+"/clear", object{"note": "Signed copy seen."})
	}
}

// to is where a task goes: a person by e-mail or a group by name.
func (d *filler) to(who string) object {
	if who == "Design" || who == "Engineering" {
		return object{"group_id": d.ids[who]}
	}
	return object{"user_id": d.ids[who]}
}

// task makes one and opens it for work, if asked.
func (d *filler) task(name, project, parent, title, to string, estimate, priority int, open bool, dependsOn ...string) {
	body := object{"project_id": d.ids[project], "title": title, "estimate_minutes": estimate, "priority": priority, "assign_to": d.to(to)}
	if parent != "" {
		body["parent_id"] = d.ids[parent]
	}
	for _, on := range dependsOn {
		ids, _ := body["depends_on"].([]string)
		body["depends_on"] = append(ids, d.ids[on])
	}
	d.ids[name] = d.call(olivia, "POST", "/tasks", body)
	if open {
		d.status(olivia, name, "open")
	}
}

func (d *filler) status(as, task, status string) {
	d.call(as, "POST", "/tasks/"+d.ids[task]+"/status", object{"status": status})
}

func (d *filler) time(as, task string, days, minutes int, description string, more ...object) {
	body := object{"work_date": d.workday(days), "minutes": minutes, "description": description}
	for _, m := range more {
		for k, v := range m {
			body[k] = v
		}
	}
	d.call(as, "POST", "/tasks/"+d.ids[task]+"/time", body)
}

func (d *filler) work() {
	d.task("shop", "SHOP", "", "Shop front", anneke, 4800, 2, true)
	d.task("checkout", "SHOP", "shop", "Checkout with saved baskets", jonas, 1800, 1, true)
	d.task("search", "SHOP", "shop", "Search that forgives typing", "Engineering", 1200, 3, true)
	d.task("photos", "SHOP", "shop", "Product photographs", priya, 600, 3, true)
	d.task("launch", "SHOP", "shop", "Launch checklist", anneke, 240, 2, true, "checkout", "search")
	d.task("scanner", "SCAN", "", "Scanner application", anneke, 6000, 2, true)
	d.task("offline", "SCAN", "scanner", "Work without a network", zoe, 2400, 1, true)
	d.task("labels", "SCAN", "scanner", "Label printing", "Engineering", 900, 4, false)
	d.task("brand", "BRAND", "", "Brand guidelines", tomas, 3000, 2, true)
	d.task("logo", "BRAND", "brand", "Logo variants", priya, 900, 2, true)
	d.task("icons", "BRAND", "brand", "Icon set", "Design", 700, 3, true)
	d.task("posters", "BRAND", "brand", "Posters for the trade fair", "Design", 500, 5, true)
	d.task("card", "CARD", "", "Points and rewards", anneke, 3600, 3, false)
	d.recorded()
	d.call(zoe, "POST", "/tasks/"+d.ids["search"]+"/accept", object{})
	d.status(tomas, "posters", "cancelled")
	d.status(priya, "logo", "complete")
	d.call(jonas, "POST", "/tasks/"+d.ids["checkout"]+"/notes", object{"body": "The payment provider answers twice for *one* payment; see [their notes](https://payments.example/docs/retries).", "visibility": "internal"})
	d.call(olivia, "POST", "/tasks/"+d.ids["checkout"]+"/notes", object{"body": "Saved baskets are ready to try.", "visibility": "client"})
}

func (d *filler) recorded() {
	d.time(jonas, "checkout", 24, 435, "Basket survives signing in")
	d.time(jonas, "checkout", 23, 450, "Payment provider's callbacks")
	d.time(jonas, "checkout", 22, 382, "Callbacks that come twice", object{"remaining_minutes": 600})
	d.time(jonas, "checkout", 3, 240, "Address book", object{"remaining_minutes": 300})
	d.time(priya, "photos", 21, 420, "Light tests in the studio")
	d.time(priya, "photos", 20, 155, "Retouching", object{"billing": "no_charge"})
	d.time(anneke, "shop", 19, 75, "Review with the client")
	d.time(anneke, "shop", 2, 60, "Planning", object{"billing": "internal"})
	d.time(zoe, "offline", 18, 460, "Queue on the device")
	d.time(zoe, "offline", 17, 444, "Conflicts between two scanners")
	d.time(zoe, "offline", 2, 398, "Battery life", object{"remaining_minutes": 900})
	d.time(priya, "logo", 16, 340, "Twelve sketches")
	d.time(priya, "logo", 15, 280, "Three variants drawn", object{"remaining_minutes": 0})
	d.time(tomas, "brand", 14, 190, "Workshop with Kawase")
}

// bill completes one invoice with an expense and leaves one as a draft.
func (d *filler) bill() {
	first := d.call(olivia, "POST", "/invoices", object{"client_id": d.ids["Aldgate Foods Ltd"], "project_ids": []string{d.ids["SHOP"]}, "through": d.ago(7)})
	d.call(olivia, "POST", "/invoices/"+first+"/items", object{"kind": "expense", "description": "Studio hire, one day", "quantity": "1", "unit_price": "180.00"})
	d.call(olivia, "POST", "/invoices/"+first+"/items", object{"kind": "discount", "description": "New client discount", "quantity": "1", "unit_price": "100.00"})
	d.call(olivia, "POST", "/invoices/"+first+"/complete", object{"send": "none"})
	d.call(olivia, "POST", "/invoices", object{"client_id": d.ids["Müller & Söhne GmbH"], "project_ids": []string{d.ids["SCAN"]}, "through": d.ago(1)})
}
