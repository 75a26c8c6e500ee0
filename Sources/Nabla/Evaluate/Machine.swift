import Foundation

/// Runs ``MachineCode``.
enum Machine {
    /// Why a run ended.
    enum Outcome: Equatable {
        case done
        /// An element outside of the memory was asked for.
        case outside
        /// The accumulator got no value but needs one.
        case empty(accumulator: Int)
    }

    /// Sees each instruction that is executed.
    protocol Observer {
        mutating func execute(_ instruction: Instruction)
    }

    /// Sees nothing, for nothing.
    private struct NoObserver: Observer {
        @inline(__always) mutating func execute(_ instruction: Instruction) {}
    }

    /// Runs the code on a memory of its size.
    static func run(_ code: MachineCode, memory: UnsafeMutableBufferPointer<Double>) -> Outcome {
        var observer = NoObserver()
        return run(code, memory: memory, &observer)
    }

    /// Runs the code, observed.
    static func run(
        _ code: MachineCode, memory: UnsafeMutableBufferPointer<Double>, _ observer: inout some Observer
    ) -> Outcome {
        guard memory.count >= code.memoryCount else { return .outside }
        var numbers = code.numbers
        var integers = code.integers
        return numbers.withUnsafeMutableBufferPointer { r in
            integers.withUnsafeMutableBufferPointer { i in
                code.instructions.withUnsafeBufferPointer { instructions in
                    code.tableEntries.withUnsafeBufferPointer { entries in
                        // Empty ones have no address: then no instruction uses it.
                        guard let r = r.baseAddress, let i = i.baseAddress,
                            let instructions = instructions.baseAddress, let m = memory.baseAddress
                        else { return .done }
                        return loop(code, instructions, r, i, m, UInt(memory.count), entries, &observer)
                    }
                }
            }
        }
    }

    private static func loop(
        _ code: MachineCode, _ instructions: UnsafePointer<Instruction>, _ r: UnsafeMutablePointer<Double>,
        _ i: UnsafeMutablePointer<Int>, _ m: UnsafeMutablePointer<Double>, _ count: UInt,
        _ entries: UnsafeBufferPointer<Int>, _ observer: inout some Observer
    ) -> Outcome {
        let unary = code.unaryFunctions
        let binary = code.binaryFunctions
        let tables = code.tables
        var next = instructions
        while true {
            let instruction = next.pointee
            next += 1
            observer.execute(instruction)
            let a = Int(instruction.a)
            let b = Int(instruction.b)
            let c = Int(instruction.c)
            let d = Int(instruction.d)
            switch instruction.operation {
            case .halt: return .done
            case .load:
                let address = i[b] &+ i[c] &* d
                guard UInt(bitPattern: address) < count else { return .outside }
                r[a] = m[address]
            case .store:
                let address = i[b] &+ i[c] &* d
                guard UInt(bitPattern: address) < count else { return .outside }
                m[address] = r[a]
            case .addToMemory:
                let address = i[b] &+ i[c] &* d
                guard UInt(bitPattern: address) < count else { return .outside }
                m[address] += r[a]
            case .move: r[a] = r[b]
            case .add: r[a] = r[b] + r[c]
            case .increment: r[a] += 1
            case .subtract: r[a] = r[b] - r[c]
            case .multiply: r[a] = r[b] * r[c]
            case .divide: r[a] = r[b] / r[c]
            case .multiplyAdd: r[a] += r[b] * r[c]
            case .negate: r[a] = -r[b]
            case .power: r[a] = pow(r[b], r[c])
            case .callUnary: r[a] = unary[c](r[b])
            case .callBinary: r[a] = binary[d](r[b], r[c])
            case .less: r[a] = r[b] < r[c] ? 1 : 0
            case .lessOrEqual: r[a] = r[b] <= r[c] ? 1 : 0
            case .greater: r[a] = r[b] > r[c] ? 1 : 0
            case .greaterOrEqual: r[a] = r[b] >= r[c] ? 1 : 0
            case .equal: r[a] = r[b] == r[c] ? 1 : 0
            case .notEqual: r[a] = r[b] != r[c] ? 1 : 0
            case .not: r[a] = 1 - r[b]
            case .toNumber: r[a] = Double(i[b])
            case .jump: next += d
            case .jumpIfZero: if r[a] == 0 { next += d }
            case .largest:
                r[c] += 1
                if r[b] > r[a] || r[b].isNaN { r[a] = r[b] }
            case .smallest:
                r[c] += 1
                if r[b] < r[a] || r[b].isNaN { r[a] = r[b] }
            case .logSumExp: accumulateLogSumExp(r[b], &r[a], &r[c], &r[d])
            case .finishLogSumExp: r[a] = r[b] + log(r[c])
            case .keepLargest:
                r[c] += 1
                // The first value; a larger one; the first NaN.
                if r[c] == 1 || !r[a].isNaN && !(r[b] <= r[a]) { r[a] = r[b] } else { next += d }
            case .keepSmallest:
                r[c] += 1
                if r[c] == 1 || !r[a].isNaN && !(r[b] >= r[a]) { r[a] = r[b] } else { next += d }
            case .failIfZero: if r[a] == 0 { return .empty(accumulator: b) }
            case .integerAdd: i[a] = i[b] &+ i[c]
            case .integerMultiply: i[a] = i[b] &* i[c]
            case .integerMultiplyAdd: i[a] = i[b] &+ i[c] &* i[d]
            case .integerCeilingQuotient: i[a] = SizeArithmetic.ceilingQuotient(i[b], i[c])
            case .integerLargest: i[a] = max(i[b], i[c])
            case .integerSmallest: i[a] = min(i[b], i[c])
            case .lookUp:
                let place = i[b]
                let table = tables[c]
                let isInside = place >= 0 && place < table.count
                i[a] = isInside ? entries[table.start + place] : MachineCode.nowhere
            case .loopBegin: if i[b] < i[c] { i[a] = i[b] } else { next += d }
            case .loopNext:
                i[a] &+= 1
                if i[a] < i[c] { next += d }
            case .reversedLoopBegin: if i[b] < i[c] { i[a] = i[c] &- 1 } else { next += d }
            case .reversedLoopNext:
                i[a] &-= 1
                if i[a] >= i[b] { next += d }
            case .clear:
                let start = i[b]
                let length = i[c]
                guard start >= 0, length >= 0, UInt(bitPattern: start) <= count,
                    UInt(bitPattern: length) <= count &- UInt(bitPattern: start)
                else { return .outside }
                (m + start).update(repeating: 0, count: length)
            }
        }
    }

    /// Keeps max and Σ e^(u − max): never overflows, and is exact where one value is infinite.
    private static func accumulateLogSumExp(
        _ value: Double, _ maximum: inout Double, _ sum: inout Double, _ count: inout Double
    ) {
        count += 1
        if value > maximum {
            sum = sum * exp(maximum - value) + 1
            maximum = value
        } else if value == maximum {
            sum += 1
        } else {
            sum += exp(value - maximum)
        }
    }
}
