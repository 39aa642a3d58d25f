// Package browser has no code. Its tests put Signet before a real browser, headless Chromium: tabs that share cookies, pages that
// poll, prefetch and prerender, the back button, forms of another site, and pages of htmx and Turbo (testdata/lib). What ring/ringtest takes for granted of browsers is
// seen here.
//
//	apt-get install chromium
//	go test ./examples/browser
//
// Without Chromium the tests are skipped, unless SIGNET_TEST_REQUIRE=1.
package browser
