package peer

import (
	"crypto/rand"
	"encoding/hex"
)

// Where servers are, by the environment.
const (
	postgresURL = "SIGNET_TEST_POSTGRES_URL"
	mysqlDSN    = "SIGNET_TEST_MYSQL_DSN"
	redisURL    = "SIGNET_TEST_REDIS_URL"
)

// randomName is a name that nothing else on a server has.
func randomName() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	return "bench_" + hex.EncodeToString(b)
}
