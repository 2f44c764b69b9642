// Starts /bin/true COUNT times by os/exec, one after the other.
//
//	spawn_loop_go COUNT
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

func runTool() error {
	return exec.Command("/bin/true").Run()
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: spawn_loop_go COUNT")
		os.Exit(64)
	}
	count, err := strconv.Atoi(os.Args[1])
	if err != nil || count < 0 {
		fmt.Fprintln(os.Stderr, "not a count:", os.Args[1])
		os.Exit(64)
	}
	for round := 0; round < count; round++ {
		if err := runTool(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	fmt.Printf("spawned %d\n", count)
}
