package servers

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Cluster is a Redis Cluster of three nodes, each with a third of the slots and no replica.
type Cluster struct {
	Nodes []*Server // each can be stopped, killed and started by itself
}

const slots = 16384

// RedisCluster starts three nodes as Redis starts one and makes a cluster of them. Args are for each node. A node that is killed
// is missed by the others after half a minute: on a busy machine a node may well be silent for seconds.
func RedisCluster(ctx context.Context, dir string, args ...string) (*Cluster, error) {
	c := &Cluster{}
	buses := []string{}
	for range 3 {
		bus, err := newPort() // by default it is the port and 10000, which may pass 65535
		if err != nil {
			return nil, err
		}
		own := append([]string{
			"--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "30000",
		}, args...)
		node, err := newRedis(dir, own...)
		if err != nil {
			return nil, err
		}
		node.name = "redis cluster"
		c.Nodes = append(c.Nodes, node)
		buses = append(buses, bus)
	}
	if err := c.form(ctx, buses); err != nil {
		c.Kill()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) form(ctx context.Context, buses []string) error {
	n := len(c.Nodes)
	_, first, _ := strings.Cut(c.Nodes[0].addr, ":")
	for i, node := range c.Nodes {
		if err := node.Start(ctx); err != nil {
			return err
		}
		for _, command := range []string{
			fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", slots*i/n, slots*(i+1)/n-1),
			"CLUSTER SET-CONFIG-EPOCH " + strconv.Itoa(i+1), // two nodes with the same one would first have to settle that
			"CLUSTER MEET 127.0.0.1 " + first + " " + buses[0],
		} {
			if _, err := node.ask(ctx, command); err != nil {
				return fmt.Errorf("servers: redis cluster: %s: %w", command, err)
			}
		}
	}
	return c.agree(ctx)
}

// URL returns the nodes as host:port, separated by commas.
func (c *Cluster) URL() string {
	addrs := make([]string, len(c.Nodes))
	for i, node := range c.Nodes {
		addrs[i] = node.addr
	}
	return strings.Join(addrs, ",")
}

// Start starts the nodes that aren't running, and returns when every node serves and knows of every other.
func (c *Cluster) Start(ctx context.Context) error {
	for _, node := range c.Nodes {
		if err := node.Start(ctx); err != nil {
			return err
		}
	}
	return c.agree(ctx)
}

// Stop stops every node.
func (c *Cluster) Stop() error {
	errs := make([]error, len(c.Nodes))
	for i, node := range c.Nodes {
		errs[i] = node.Stop()
	}
	return errors.Join(errs...)
}

// Kill kills every node.
func (c *Cluster) Kill() {
	for _, node := range c.Nodes {
		node.Kill()
	}
}

// Restart is Stop and Start.
func (c *Cluster) Restart(ctx context.Context) error {
	if err := c.Stop(); err != nil {
		return err
	}
	return c.Start(ctx)
}

// agree waits until all nodes see the whole cluster: one that doesn't refuses commands.
func (c *Cluster) agree(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for _, node := range c.Nodes {
		for {
			info, err := node.ask(ctx, "CLUSTER INFO")
			if err == nil && has(info, "cluster_state:ok", "cluster_known_nodes:3", "cluster_size:3") {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("servers: redis cluster: the nodes don't agree: %w%s", context.Cause(ctx), node.tail())
			case <-time.After(pause):
			}
		}
	}
	return nil
}

func has(info string, lines ...string) bool {
	for _, line := range lines {
		if !strings.Contains(info, line+"\r\n") {
			return false
		}
	}
	return true
}

func (s *Server) ask(ctx context.Context, command string) (string, error) {
	conn, err := dial(ctx, s.addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return ask(conn, command)
}
