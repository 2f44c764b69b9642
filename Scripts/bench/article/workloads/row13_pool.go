// Row 13: commands' output by exec.Cmd, or by StartProcess in a few workers that take requests from a channel and buffers from a pool.
package main

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
)

var buffers = sync.Pool{New: func() any {
	buffer := make([]byte, 64*1024)
	return &buffer
}}

func byCommand() {
	output, err := exec.Command("/bin/echo", "a line of output").Output()
	if err != nil || len(output) != 17 {
		panic(err)
	}
}

var (
	arguments = []string{"echo", "a line of output"}
	null      *os.File
)

func byStartProcess() {
	reader, writer, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	process, err := os.StartProcess("/bin/echo", arguments, &os.ProcAttr{Files: []*os.File{null, writer, os.Stderr}})
	if err != nil {
		panic(err)
	}
	writer.Close()
	buffer := buffers.Get().(*[]byte)
	length := 0
	for {
		number, err := reader.Read((*buffer)[length:])
		length += number
		if err == io.EOF {
			break
		} else if err != nil {
			panic(err)
		}
	}
	reader.Close()
	if state, err := process.Wait(); err != nil || !state.Success() || length != 17 {
		panic(err)
	}
	buffers.Put(buffer)
}

func main() {
	run := map[string]func(){"command": byCommand, "pool": byStartProcess}[os.Args[1]]
	count, _ := strconv.Atoi(os.Args[2])
	var err error
	if null, err = os.Open(os.DevNull); err != nil {
		panic(err)
	}
	requests := make(chan int)
	var workers sync.WaitGroup
	for i := 0; i < 2; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for range requests {
				run()
			}
		}()
	}
	for i := 0; i < count; i++ {
		requests <- i
	}
	close(requests)
	workers.Wait()
}
