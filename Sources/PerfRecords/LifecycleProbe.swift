/// The name of the recorder's own probe in its sessions.
public enum LifecycleProbe {
    /// Entry of `__libc_start_main`.
    public static let linked = "spawnscope:linked"
}
