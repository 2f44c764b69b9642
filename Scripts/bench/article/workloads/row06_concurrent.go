// Row 6: several goroutines run commands at the same time.
package main

import (
	"os"
	"os/exec"
	"strconv"
	"sync"
)

func work(count int) {
	for i := 0; i < count; i++ {
		if err := exec.Command("/bin/true").Run(); err != nil {
			panic(err)
		}
	}
}

func main() {
	workers, _ := strconv.Atoi(os.Args[1])
	count, _ := strconv.Atoi(os.Args[2])
	var group sync.WaitGroup
	for i := 0; i < workers; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			work(count / workers)
		}()
	}
	group.Wait()
}
