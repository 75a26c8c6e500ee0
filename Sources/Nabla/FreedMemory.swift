#if canImport(Glibc)
    import Glibc
#endif

/// What the allocator does with memory that is freed.
public enum FreedMemory {
    /// Keeps freed memory for what is allocated next, instead of giving it back: for a program whose process is its own and short.
    ///
    /// Glibc gives each large array pages of its own and takes them back with it, so that the next array begins with pages that the
    /// kernel has to find and to clear. Elsewhere nothing changes.
    public static func keep() {
        #if canImport(Glibc)
            // From <malloc.h>, which Swift's module of the C library leaves out.
            guard let symbol = dlsym(nil, "mallopt") else { return }
            let setOption = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
            let (trimThreshold, topPadding, mostMappings): (Int32, Int32, Int32) = (-1, -2, -4)
            _ = setOption(mostMappings, 0)
            _ = setOption(trimThreshold, .max)
            _ = setOption(topPadding, 64 << 20)
        #endif
    }
}
