/// The functions of the language, one row each, addressed by ``FunctionID``.
///
/// To add a function, add its row at the end of `FunctionTable+Rows.swift`, its name to ``FunctionID``, and, where
/// the C library does not have it, its body to `ScalarFunctions` and ``SwiftHelper``.
public struct FunctionTable: Sendable {
    /// The rows, in the order of their ids.
    public let rows: [Function]
    private let idsByName: [String: FunctionID]

    private init(rows: [Function]) {
        self.rows = rows
        var ids: [String: FunctionID] = [:]
        for (index, row) in rows.enumerated() { ids[row.name] = FunctionID(raw: UInt16(clamping: index)) }
        idsByName = ids
    }

    /// The functions that every spec knows.
    public static let standard = FunctionTable(rows: standardRows)

    /// The ids of all functions, in order.
    public var ids: [FunctionID] { rows.indices.map { FunctionID(raw: UInt16(clamping: $0)) } }

    /// The names of all functions, in the order of their ids.
    public var names: [String] { rows.map(\.name) }

    /// The function of this name.
    public func id(named name: String) -> FunctionID? { idsByName[name] }

    /// The row of an id that came from this table.
    public subscript(id: FunctionID) -> Function { rows[Int(id.raw)] }
}
