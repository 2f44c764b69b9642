// Row 1c: collects garbage a known number of times, to see that a probe counts each time the world is stopped.
package main

import (
	"os"
	"runtime"
	"strconv"
)

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	for i := 0; i < count; i++ {
		runtime.GC()
	}
}
