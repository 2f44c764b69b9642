// Starts /bin/true COUNT times by os/exec and tells what CPU time each start took.
//
//	spawn_cpu_go COUNT
//
// Prints what spawn_cpu.c prints.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

func microseconds(who int) float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(who, &used); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e3
}

func cpu() float64 {
	return microseconds(syscall.RUSAGE_SELF) + microseconds(syscall.RUSAGE_CHILDREN)
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: spawn_cpu_go COUNT")
		os.Exit(64)
	}
	count, err := strconv.Atoi(os.Args[1])
	if err != nil || count < 0 {
		fmt.Fprintln(os.Stderr, "not a count:", os.Args[1])
		os.Exit(64)
	}
	for round := 0; round < count; round++ {
		before := cpu()
		if err := exec.Command("/bin/true").Run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Printf("%.1f ", cpu()-before)
	}
	fmt.Printf("\nspawned %d\n", count)
}
