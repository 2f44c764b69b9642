import Synchronization

/// What is computed on a thread of its own while this one goes on.
package final class ThreadedResult<Value: Sendable>: Sendable {
    private let work: @Sendable () -> Value
    private let result = Mutex<Value?>(nil)
    private let thread = Mutex<SystemThread?>(nil)

    /// Starts `work`. If no thread can be created, it runs when its result is asked for.
    package init(_ work: @escaping @Sendable () -> Value) {
        self.work = work
        thread.withLock { held in
            held = SystemThread { [self] in
                let value = work()
                result.withLock { $0 = value }
            }
        }
    }

    /// Waits for the thread to end.
    package var value: Value {
        thread.withLock { held in
            if let running = held.take() { running.join() }
        }
        return result.withLock { held in
            if let value = held { return value }
            let value = work()
            held = value
            return value
        }
    }
}
