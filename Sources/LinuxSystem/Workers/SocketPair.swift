internal import CLinuxSystem
internal import Glibc

/// Two connected sockets, over which a process and its child send each other messages and descriptors.
struct SocketPair: ~Copyable {
    let own: OwnedDescriptor
    let childs: OwnedDescriptor

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let code = unsafe clinux_socket_pair(&ends)
        guard code >= 0 else { throw SystemError(-code) }
        own = OwnedDescriptor(ends[0])
        childs = OwnedDescriptor(ends[1])
    }

    /// Closes the child's end here.
    consuming func takeOwn() -> OwnedDescriptor { own }
}
