public import Properties

/// Prints the seed of this process once, if it is a new one each day, so that a run can be repeated.
public func announceSeed(of profile: Profile) {
  guard profile.seed == Profile.current.seed, profile.name == Profile.current.name else { return }
  announced
}

private let announced: Void = {
  if let line = Profile.current.announcement { print(line) }
}()
