/// The names that a new declaration may not take: collected when a name is first asked for, since most systems never need them.
struct TakenNames {
    /// Nil as long as nobody has asked: then all names are the system's.
    private var names: Set<String>?

    /// Takes a name for a quantity that is about to be made; false where there is one of that name.
    mutating func take(_ name: String, _ system: System) -> Bool {
        if names == nil { names = system.takenNames() }
        return names?.insert(name).inserted ?? false
    }

    /// Takes a name that is certainly free.
    mutating func take(free name: @autoclosure () -> String) {
        if names != nil { names?.insert(name()) }
    }

    /// Whether no name at all begins like this, so that names made of it and of other, distinct names are all free.
    func isFree(prefix: String, _ system: System) -> Bool {
        // Such a prefix begins with an ASCII letter, by which most names are told apart at once.
        func begins(_ name: String) -> Bool { name.utf8.first == prefix.utf8.first && name.hasPrefix(prefix) }
        // Where names have been asked for, a look at each of them once more would cost more than it saves.
        return names == nil
            && !(System.reservedNames.contains { begins($0) } || system.sizes.contains { begins($0.name) }
                || system.functions.contains { begins($0.name) } || system.quantities.contains { begins($0.name) })
    }
}
