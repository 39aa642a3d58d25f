package browser

import "fmt"

// The functions here are scripts for follow, begin and run.

// link is a link that is clicked.
func link(to string) string {
	return fmt.Sprintf(`let a = document.createElement("a"); a.href = %q; document.body.append(a); a.click();`, to)
}

// form is a form that is sent: fields are names and values in turn.
func form(to string, fields ...string) string {
	script := fmt.Sprintf(`let form = document.createElement("form"); form.method = "post"; form.action = %q;`, to)
	for i := 0; i+1 < len(fields); i += 2 {
		script += fmt.Sprintf(`{ let i = document.createElement("input"); i.name = %q; i.value = %q; form.append(i); }`, fields[i], fields[i+1])
	}
	return script + `document.body.append(form); form.submit();`
}

// fill fills in a field that the page has.
func fill(name, value string) string {
	return fmt.Sprintf(`document.querySelector("[name=%s]").value = %q;`, name, value)
}

// press presses a button that the page has.
func press(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("button")].find(b => b.innerText == %q).click();`, text)
}

// element adds an element to the page: attributes are names and values in turn.
func element(name string, attributes ...string) string {
	script := fmt.Sprintf(`let e = document.createElement(%q);`, name)
	for i := 0; i+1 < len(attributes); i += 2 {
		script += fmt.Sprintf(`e.setAttribute(%q, %q);`, attributes[i], attributes[i+1])
	}
	return script + `document.body.append(e);`
}

// speculate has a page loaded ahead: how is "prefetch" or "prerender".
func speculate(how, to string) string {
	return fmt.Sprintf(`let e = document.createElement("script"); e.type = "speculationrules";
		e.text = JSON.stringify({%q: [{urls: [%q], eagerness: "immediate"}]}); document.head.append(e);`, how, to)
}

// poll asks for a path every 50 ms.
func poll(path string) string {
	return fmt.Sprintf(`setInterval(() => fetch(%q, {cache: "no-store"}), 50);`, path)
}
