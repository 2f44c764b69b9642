/// Has debug files brought by somebody else: a process that may use the network.
package struct DebugFileFetch {
    private let fetch: (_ buildID: [UInt8], _ isProgram: Bool) -> Int32?

    /// `fetch` gives a descriptor that is the caller's to close, or `nil` where there is no such file.
    package init(_ fetch: @escaping (_ buildID: [UInt8], _ isProgram: Bool) -> Int32?) { self.fetch = fetch }

    func file(_ buildID: [UInt8], isProgram: Bool) -> OwnedDescriptor? {
        fetch(buildID, isProgram).map { OwnedDescriptor($0) }
    }
}
