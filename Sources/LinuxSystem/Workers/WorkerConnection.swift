internal import CLinuxSystem
internal import Glibc
internal import Synchronization

/// A worker's end of the socket to its parent: takes one request at a time, from any thread.
final class WorkerConnection: Sendable {
    private let socket: Mutex<Int32>

    init(socket: Int32) { self.socket = Mutex(socket) }

    /// The caller closes the descriptor, which is -1 if none is expected.
    func ask(_ request: FileRequest, expectsDescriptor: Bool = true) throws(FileError) -> (
        number: Int32, token: UInt64
    ) {
        guard let message = request.encoded() else { throw .system(ENAMETOOLONG) }
        let (answer, number) = socket.withLock { socket -> (FileAnswer?, Int32) in
            guard unsafe clinux_send(socket, message, message.count, -1) == message.count else { return (nil, -1) }
            var number: Int32 = -1
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: FileAnswer.size) { buffer, count in
                unsafe count = max(0, clinux_receive(socket, buffer.baseAddress, buffer.count, &number))
            }
            return (FileAnswer(decoding: bytes), number)
        }
        // Without an answer the parent is gone, and the kernel is about to kill this process (PR_SET_PDEATHSIG).
        guard let answer else { throw .system(EPIPE) }
        if let failure = answer.failure {
            if number >= 0 { close(number) }
            throw failure
        }
        guard !expectsDescriptor || number >= 0 else { throw .system(EPROTO) }
        return (number, answer.token)
    }
}
