// Row 1g: spawning from a goroutine that is, or is not, locked to its thread.
package main

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

func main() {
	count, _ := strconv.Atoi(os.Args[2])
	if os.Args[1] == "locked" {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	for i := 0; i < count; i++ {
		if err := exec.Command("/bin/true").Run(); err != nil {
			panic(err)
		}
	}
}
