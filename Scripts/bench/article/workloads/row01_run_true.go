// Rows 1, 1b, 1c and 1f: run a command many times, one after the other.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

func runTool(path string) {
	if err := exec.Command(path).Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	for i := 0; i < count; i++ {
		runTool(os.Args[1])
	}
}
