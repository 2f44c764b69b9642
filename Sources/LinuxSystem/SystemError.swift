import Glibc

/// Repeats `body` while a signal interrupts it; the errno of any other failure is thrown.
package func retryingInterrupts<Result: SignedInteger>(_ body: () -> Result) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw SystemError(code) }
    }
}

/// An errno as a typed error.
package struct SystemError: Error, Hashable {
    package let code: Int32

    package init(_ code: Int32) {
        self.code = code
    }

    /// strerror(3).
    package var message: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
