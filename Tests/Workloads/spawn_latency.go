// Starts /bin/true COUNT times by os/exec at RATE a second, where 0 is full speed, and tells how long each start took.
//
//	spawn_latency_go RATE COUNT
//
// Prints what spawn_latency.c prints.
package main

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"sort"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: spawn_latency_go RATE COUNT")
		os.Exit(64)
	}
	rate, err1 := strconv.Atoi(os.Args[1])
	count, err2 := strconv.Atoi(os.Args[2])
	if err1 != nil || err2 != nil || rate < 0 || count < 1 {
		fmt.Fprintln(os.Stderr, "not a rate and a count:", os.Args[1], os.Args[2])
		os.Exit(64)
	}
	period := time.Duration(0)
	if rate > 0 {
		period = time.Second / time.Duration(rate)
	}
	random := rand.New(rand.NewSource(1))
	latencies := make([]float64, count)
	late := 0
	begin := time.Now()
	for round := range latencies {
		if period > 0 {
			turn := begin.Add(time.Duration(round)*period + time.Duration(random.Int63n(int64(period))))
			if time.Since(turn) > period {
				late++
			}
			time.Sleep(time.Until(turn))
		}
		start := time.Now()
		if err := exec.Command("/bin/true").Run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		latencies[round] = float64(time.Since(start).Nanoseconds()) / 1e3
	}
	sort.Float64s(latencies)
	fmt.Printf("{\"spawns\": %d, \"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f, \"late\": %d, \"setup_s\": 0}\n",
		count, latencies[(count-1)/2], latencies[(count-1)*99/100], latencies[count-1], late)
	fmt.Printf("spawned %d\n", count)
}
