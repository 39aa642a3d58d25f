package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

func TestTwoHundredParallelRequestsShowTwoHundredNumbers(t *testing.T) {
	server := httptest.NewServer(app())
	defer server.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	visit := func() int {
		resp, err := client.Get(server.URL)
		if err != nil {
			t.Error(err)
			return 0
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		n := 0
		if _, serr := fmt.Sscanf(string(b), "You accessed this page %d times.", &n); err != nil || serr != nil {
			t.Errorf("body %q, %v", b, err)
		}
		return n
	}
	if n := visit(); n != 1 {
		t.Fatalf("the first visit is no. %d", n)
	}
	const parallel = 200
	numbers := make([]int, parallel)
	var wg sync.WaitGroup
	for i := range numbers {
		wg.Go(func() { numbers[i] = visit() })
	}
	wg.Wait()
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != i+2 {
			t.Fatalf("numbers %v; want each from 2 to %d once", numbers, parallel+1)
		}
	}
	if n := visit(); n != parallel+2 {
		t.Errorf("then visit no. %d; want %d", n, parallel+2)
	}
}

func TestOnlyThePageCounts(t *testing.T) {
	w := httptest.NewRecorder()
	app().ServeHTTP(w, httptest.NewRequest("GET", "/favicon.ico", nil))
	if w.Code != http.StatusNotFound || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("status %d, cookie %q; want 404 and none", w.Code, w.Header().Get("Set-Cookie"))
	}
}
