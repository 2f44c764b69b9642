// Row 9: a context is cancelled, with and without a Wait behind it, and with a child that has a child.
package main

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"time"
)

func startAndForget() {
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, "/bin/sleep", "30")
	if err := command.Start(); err != nil {
		panic(err)
	}
	cancel()
	command.Process.Kill()
}

func startAndWait() {
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, "/bin/sleep", "30")
	if err := command.Start(); err != nil {
		panic(err)
	}
	cancel()
	command.Wait()
}

func runWithGrandchild() {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	exec.CommandContext(ctx, "/bin/sh", "-c", "/bin/sleep 1; :").Run()
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	for i := 0; i < count; i++ {
		startAndForget()
		startAndWait()
		runWithGrandchild()
	}
	time.Sleep(100 * time.Millisecond)
}
