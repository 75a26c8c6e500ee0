// Trains the digit network on handwritten digits, by repeatedly stepping downhill along the gradient that nabla derived.
//
//     swift run -c release Digits
//
// `DigitNetwork` is not written anywhere in this folder: the build makes it of Digits.nabla.

import Foundation

/// How far a step goes, for the average cost of a mini-batch.
let learningRate = 4.0
let batchSize = 5
let epochs = 60

let images = try DigitImages.load()
let (training, heldOut) = try images.split(holdingOutEvery: 5)
print("\(training.labels.count) images to learn from, \(heldOut.labels.count) held out")

var generator = SeededGenerator(seed: 1)
var parameters = DigitNetwork.Parameters.random(using: &generator)
var gradient = DigitNetwork.Gradient.zero
var workspace = DigitNetwork.Workspace()
let start = Date()

for epoch in 1...epochs {
    let order = Array(training.labels.indices).shuffled(using: &generator)
    var cost = 0.0
    for first in stride(from: 0, to: order.count, by: batchSize) {
        let batch = try training.batch.selecting(Array(order[first..<min(first + batchSize, order.count)]))
        cost +=
            Double(batch.count)
            * (try DigitNetwork.valueWithGradient(
                at: parameters, batch: batch, workspace: &workspace, gradient: &gradient))
        parameters.add(gradient, times: -learningRate)
    }
    if epoch == 1 || epoch % 5 == 0 {
        let seconds = Date().timeIntervalSince(start)
        print(
            String(
                format: "epoch %2d  cost %.4f  held out %5.2f %%  %.1f s", epoch, cost / Double(order.count),
                100 * (try heldOut.accuracy(of: parameters)), seconds))
    }
}

let accuracy = 100 * (try heldOut.accuracy(of: parameters))
print(String(format: "%.2f %% of the held-out digits are read right", accuracy))
