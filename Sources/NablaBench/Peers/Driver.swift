// driver INPUT OUTPUT, as driver.c: reads the numbers, writes cost and gradient, then times one batch of calls for each line.
import Foundation

struct Numbers {
    var parameters: [Number] = []
    var x: [Number] = []
    var y: [Number] = []

    init(_ path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let all = data.withUnsafeBytes { bytes in
            (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
        }
        var rest = all.dropFirst(3).map { Number($0) }[...]
        func take(_ count: Double) -> [Number] {
            defer { rest = rest.dropFirst(Int(count)) }
            return Array(rest.prefix(Int(count)))
        }
        parameters = take(all[0])
        x = take(all[1])
        y = take(all[2])
    }
}

/// The numbers where lines of the cache begin, as the C programs have theirs; the memory is never freed.
func lent(_ numbers: [Number]) -> UnsafeBufferPointer<Number> {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(64, numbers.count * 8), alignment: 64)
    let copy = UnsafeMutableBufferPointer(
        start: bytes.bindMemory(to: Number.self, capacity: numbers.count), count: numbers.count)
    _ = copy.initialize(from: numbers)
    return UnsafeBufferPointer(copy)
}

/// A cost with its gradient, on numbers that do not change.
protocol Evaluation {
    init(_ numbers: Numbers) throws
    /// The gradient of the last evaluation.
    var gradient: [Number] { get }
    mutating func evaluate() throws -> Number
}

private func now() -> Double {
    var time = timespec()
    // Several threads: what counts is when the last one is done.
    #if ON_CLOCK
        clock_gettime(CLOCK_MONOTONIC, &time)
    #else
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    #endif
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// One evaluation, opaque: a loop around it may not keep what does not change.
@inline(never)
private func evaluate<Problem: Evaluation>(_ problem: inout Problem) throws -> Number { try problem.evaluate() }

func serve<Problem: Evaluation>(_ type: Problem.Type) throws {
    var problem = try Problem(try Numbers(CommandLine.arguments[1]))
    let value = try problem.evaluate()
    let result = ([value] + problem.gradient).map { Double($0) }
    try result.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: CommandLine.arguments[2]))

    // A batch of calls takes 5 ms or more; with several threads 50 ms, since one that has slept may not be on a core of its own at once.
    #if ON_CLOCK
        let shortest: Double = 50e6
    #else
        let shortest: Double = 5e6
    #endif
    var repetitions = 1
    while true {
        let start = now()
        for _ in 0..<repetitions { _ = try evaluate(&problem) }
        if now() - start > shortest { break }
        repetitions *= 2
    }
    print("ready")
    fflush(nil)
    while readLine() != nil {
        let start = now()
        for _ in 0..<repetitions { _ = try evaluate(&problem) }
        print((now() - start) / Double(repetitions))
        fflush(nil)
    }
}
