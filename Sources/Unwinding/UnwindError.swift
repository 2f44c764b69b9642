/// What is broken in an image's unwind information. Frames that do not depend on it are still unwound.
public enum UnwindError: Error, Hashable, Sendable {
    /// The section with the problem.
    public enum Section: Hashable, Sendable {
        /// `.eh_frame`.
        case exceptionFrames
        /// `.debug_frame`.
        case debugFrames
    }

    /// An entry of the section cannot be read; its offset.
    case entry(Section, offset: Int)
    /// The instructions of the entry at this offset are invalid or contradictory.
    case instructions(Section, offset: Int)
    /// `.eh_frame_hdr` is unsorted, cannot be read, or refers to entries of other addresses; `.eh_frame` was read
    /// instead.
    case searchTable
    /// The layout of `.gopclntab` is unknown, such as that of Go before 1.16; its first word.
    case goFunctionTable(magic: UInt32)
}
