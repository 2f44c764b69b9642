// Row 1d: a spawner that holds memory of a given size, in MiB, and has written to it.
package main

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	count, _ := strconv.Atoi(os.Args[2])
	ballast := make([]byte, size<<20)
	for i := 0; i < len(ballast); i += 4096 {
		ballast[i] = 1
	}
	for i := 0; i < count; i++ {
		if err := exec.Command("/bin/true").Run(); err != nil {
			panic(err)
		}
	}
	runtime.KeepAlive(ballast)
}
