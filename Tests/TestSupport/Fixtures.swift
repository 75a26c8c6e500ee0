import Foundation

/// Folders of the package, found from this file's own place, so that tests run from anywhere.
public enum Fixtures {
    /// A folder that should be there is not.
    public struct NotFound: Error, CustomStringConvertible {
        public var description: String
    }

    /// The package's root folder.
    public static func root(file: String = #filePath) throws -> URL {
        // Tests/TestSupport/Fixtures.swift
        let root = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try existing(root.appendingPathComponent("Package.swift")).deletingLastPathComponent()
    }

    /// A folder or file below the root, which must exist: no test passes because its fixtures are gone.
    public static func path(_ relative: String) throws -> URL {
        try existing(root().appendingPathComponent(relative))
    }

    /// What a folder holds, sorted by name.
    public static func contents(of folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { !$0.lastPathComponent.hasPrefix(".") }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    public static func text(_ file: URL) throws -> String {
        String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    private static func existing(_ url: URL) throws -> URL {
        guard FileManager.default.fileExists(atPath: url.path) else { throw NotFound(description: "no \(url.path)") }
        return url
    }
}

/// A folder that goes away with its owner's scope.
public struct TemporaryFolder {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("nabla-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    public func remove() { try? FileManager.default.removeItem(at: url) }

    /// Writes a file into the folder and gives its place.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> URL {
        let file = url.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file
    }
}
