// Row 6c: connects to a Unix socket that nobody serves: its file is there still, was never there, or the listener's queue is full.
package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

func connect(path string) {
	connection, err := net.Dial("unix", path)
	if err == nil {
		panic(connection)
	}
}

func main() {
	directory, err := os.MkdirTemp("", "socket")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(directory)
	path := filepath.Join(directory, "service")
	switch os.Args[1] {
	case "dead":
		listener, err := net.Listen("unix", path)
		if err != nil {
			panic(err)
		}
		listener.(*net.UnixListener).SetUnlinkOnClose(false)
		listener.Close()
	case "full":
		socket, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			panic(err)
		}
		if syscall.Bind(socket, &syscall.SockaddrUnix{Name: path}) != nil || syscall.Listen(socket, 0) != nil {
			panic(path)
		}
		// One waits to be accepted; there is room for no other.
		if _, err := net.Dial("unix", path); err != nil {
			panic(err)
		}
	}
	count, _ := strconv.Atoi(os.Args[2])
	for i := 0; i < count; i++ {
		connect(path)
	}
}
