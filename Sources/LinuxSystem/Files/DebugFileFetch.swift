/// Fetches debug files through a process that may use the network.
package struct DebugFileFetch {
    private let fetch: (_ buildID: [UInt8], _ isProgram: Bool) -> Int32?

    /// `fetch` returns a descriptor, which the caller closes, or `nil` if there is no such file.
    package init(_ fetch: @escaping (_ buildID: [UInt8], _ isProgram: Bool) -> Int32?) { self.fetch = fetch }

    func file(_ buildID: [UInt8], isProgram: Bool) -> OwnedDescriptor? {
        fetch(buildID, isProgram).map { OwnedDescriptor($0) }
    }
}
