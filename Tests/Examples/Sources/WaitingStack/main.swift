// Prints the stack of a process that waits in a system call, which is neither stopped nor traced:
//
//     WaitingStack PID
//
import Glibc
import Unwinding

let process = "/proc/" + (CommandLine.arguments.dropFirst().first ?? "self")
let images = ProcessImages(process: process)

// The last two numbers are the stack pointer and the program counter; proc_pid_syscall(5).
let words = lines(of: process + "/syscall").last?.split(separator: " ") ?? []
let places = words.suffix(2).compactMap { UInt64($0.dropFirst(2), radix: 16) }
let memory = open(process + "/mem", O_RDONLY)
guard places.count == 2, memory >= 0 else {
    fatalError("the process does not wait, or its memory is not ours to read")
}
var registers = RegisterFile(.x86_64)
registers.stackPointer = places[0]
registers.instructionPointer = places[1]

var unwinder = Unwinder(architecture: .x86_64) { images.unwindImage($0) }
let (frames, end) = unwinder.unwind(registers, code: images.code) { address, count in
    [UInt8](unsafeUninitializedCapacity: count) { bytes, read in
        read = max(0, pread(memory, bytes.baseAddress, count, off_t(truncatingIfNeeded: address)))
    }
}
for frame in frames { print(String(frame.address, radix: 16), images.name(of: frame)) }
print(end)
