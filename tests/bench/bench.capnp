@0xd2f1c09b7a5e6348;
# What the harness of measurements and its guest call each other with. Not part of any product.

interface Echo @0xa4c7e51d8f03b296 {
  # Answers with what it was sent: what remains is the cost of the call.

  echo @0 (data :Data) -> (data :Data);
  # Answers at once.

  later @1 (data :Data) -> (data :Data);
  # Answers at its second poll: it yields once before.

  never @2 ();
  # Never answers.

  caps @3 (count :UInt16, fresh :Bool) -> (caps :List(Echo));
  # Answers at once, with `count` capabilities: the same ones in every answer, or, if `fresh`, new ones.
}

enum Task {
  # What a guest does over and over when it is told to measure.

  echo @0;
  # Calls `echo`, one call after the other.

  later @1;
  # Calls `later`, one call after the other.

  together @2;
  # Calls `echo`, as many calls in flight as it is told.

  caps @3;
  # Calls `caps` with the capabilities that are always the same, and reads each.

  fresh @4;
  # Calls `caps` with new capabilities, and reads each.
}

interface Probe @0xb9e63a07d4182cf5 {
  # What the guest serves.

  echo @0 () -> (echo :Echo);
  # An object of the guest's, for the host to call.

  measure @1 (target :Echo, task :Task, calls :UInt32, size :UInt32) -> (nanoseconds :UInt64);
  # Does `task` until `calls` calls have been answered, and says how long that took by the guest's own clock. `size` is
  # the number of bytes in each call; for `together` how many calls are in flight, of 16 bytes each; for `caps` and
  # `fresh` the number of capabilities. Without a `target`, it is the one that the guest has grafted: guarded.

  hold @2 (calls :UInt32) -> (failed :UInt32);
  # Grafts, makes that many calls of `never`, and returns when all of them have ended, with the number of those that
  # failed as `disconnected`.
}
