/// A ``LoopProgram`` for known sizes, as instructions for ``Machine``: numbers and integers in registers, all quantities in one
/// flat memory, loops as jumps.
struct MachineCode: Sendable {
    var instructions: [Instruction] = []
    /// What the number registers hold at the start.
    var numbers: [Double] = []
    /// What the integer registers hold at the start.
    var integers: [Int] = []
    /// Tables that integers are looked up in, one behind the other, with where each starts and ends.
    var tableEntries: [Int] = []
    var tables: [(start: Int, count: Int)] = []
    var unaryFunctions: [@Sendable (Double) -> Double] = []
    var binaryFunctions: [@Sendable (Double, Double) -> Double] = []
    /// How many numbers the memory has.
    var memoryCount = 0

    /// What a look-up outside of a table gives: added to any offset it is far outside of the memory.
    static let nowhere = -(1 << 60)
}

/// One step: an operation with up to four operands, each a register unless said otherwise.
struct Instruction: Sendable {
    var operation: Operation
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
    var d: Int32 = 0
}

/// What an instruction does. `r` are numbers, `i` integers, `m` is the memory; jumps are relative to the next instruction.
enum Operation: UInt8, Sendable {
    case halt
    /// `r[a] = m[i[b] + i[c] * d]`
    case load
    /// `m[i[b] + i[c] * d] = r[a]`
    case store
    /// `m[i[b] + i[c] * d] += r[a]`
    case addToMemory
    /// `r[a] = r[b]`
    case move
    /// `r[a] = r[b] ∘ r[c]`
    case add, subtract, multiply, divide
    /// `r[a] += 1`, for counts
    case increment
    /// `r[a] += r[b] * r[c]`
    case multiplyAdd
    /// `r[a] = -r[b]`
    case negate
    /// `r[a] = pow(r[b], r[c])`
    case power
    /// `r[a] = function c (r[b])`
    case callUnary
    /// `r[a] = function d (r[b], r[c])`
    case callBinary
    /// `r[a] = r[b] ∘ r[c] ? 1 : 0`
    case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
    /// `r[a] = 1 - r[b]`, for conditions
    case not
    /// `r[a] = i[b]`
    case toNumber
    /// Jumps by `d`.
    case jump
    /// Jumps by `d` where `r[a]` is 0.
    case jumpIfZero
    /// Where `r[b]` is larger than `r[a]`, or a NaN: `r[a] = r[b]`. Counts in `r[c]`.
    case largest
    /// The same for smaller.
    case smallest
    /// Feeds `r[b]` to the log-sum-exp with maximum `r[a]` and scaled sum `r[c]`; counts in `r[d]`.
    case logSumExp
    /// `r[a] = r[b] + log r[c]`
    case finishLogSumExp
    /// Where `r[b]` is no new largest value for `r[a]`, jumps by `d`; otherwise keeps it. Counts in `r[c]`.
    case keepLargest, keepSmallest
    /// Fails for the accumulator `b` where `r[a]` is 0.
    case failIfZero
    /// `i[a] = i[b] + i[c]`
    case integerAdd
    /// `i[a] = i[b] * i[c]`
    case integerMultiply
    /// `i[a] = i[b] + i[c] * i[d]`
    case integerMultiplyAdd
    /// `i[a] = ⌈i[b] / i[c]⌉`
    case integerCeilingQuotient
    case integerLargest, integerSmallest
    /// `i[a] = table c at i[b]`
    case lookUp
    /// `i[a] = i[b]`, or jumps by `d` where `i[b] >= i[c]`.
    case loopBegin
    /// `i[a] += 1`, and jumps by `d` where that is less than `i[c]`.
    case loopNext
    /// `i[a] = i[c] - 1`, or jumps by `d` where `i[b] >= i[c]`.
    case reversedLoopBegin
    /// `i[a] -= 1`, and jumps by `d` where that is not less than `i[b]`.
    case reversedLoopNext
    /// Sets `i[c]` numbers from `i[b]` on to 0.
    case clear
}
