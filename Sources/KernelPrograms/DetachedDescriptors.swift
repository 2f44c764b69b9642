import CPerfEvent
import Glibc

/// Owns descriptors of tracepoints. Closing the last user of one waits for an RCU grace period, about 35 ms, so dropping
/// this hands them to a process that closes them while this one goes on; if none can be started, they are closed here.
package struct DetachedDescriptors: ~Copyable {
    package private(set) var numbers: [Int32] = []

    package init() {}

    package mutating func append(_ number: Int32) { numbers.append(number) }

    deinit {
        let ascending = numbers.sorted()
        _ = unsafe ascending.withUnsafeBufferPointer { unsafe cperf_close_detached($0.baseAddress, $0.count) }
        for number in ascending { _ = close(number) }
    }
}
