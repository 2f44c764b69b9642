/// What is broken in an image's unwind information. Frames that it does not touch are unwound all the same.
public enum UnwindError: Error, Hashable, Sendable {
    /// Which section it is in.
    public enum Section: Hashable, Sendable {
        /// `.eh_frame`.
        case exceptionFrames
        /// `.debug_frame`.
        case debugFrames
    }

    /// An entry of the section cannot be read; its offset.
    case entry(Section, offset: Int)
    /// The instructions of the entry at this offset are none, or contradict each other.
    case instructions(Section, offset: Int)
    /// `.eh_frame_hdr` is unsorted or names places where no entry of that address is; `.eh_frame` was read instead.
    case searchTable
    /// The layout of `.gopclntab` is not one of Go 1.16 to 1.26; its first word.
    case goFunctionTable(magic: UInt32)
}
