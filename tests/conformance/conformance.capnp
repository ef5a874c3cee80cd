@0xd6a1f03e87b25c94;
# What each side of a border does for the conformance suite.
#
# Both sides serve a `Peer`, by the same code. The side that drives the cases is the near one, the other the far one;
# everything here is told from the side of the far one, whose `Peer` the near one holds.

using Gate = UInt32;
# Answers that come later come when a gate is opened, so that the cases decide when, and no clock does. A gate is closed
# until somebody opens it, then open for good. Each `Peer` has gates of its own, one for each number; its objects share
# them. Gate 0 is open from the start.

enum Kind {
  # The kinds of an error that cross every border.

  failed @0;
  overloaded @1;
  disconnected @2;
  unimplemented @3;
}

interface Peer @0xb9c34f21d8e06a17 {
  # The root of a side.

  echo @0 (data :Data) -> (data :Data);
  # Gives back what it gets, at once.

  echoAny @1 (content :AnyPointer) -> (content :AnyPointer);
  # The same for a structure of any kind, capabilities included.

  length @2 (data :Data) -> (bytes :UInt64);
  # How long the data is, so that the parameters can be longer than the results.

  produce @3 (bytes :UInt64) -> (data :Data);
  # So much data, so that the results can be longer than the parameters. Each byte is the lower bits of its index.

  echoAfter @4 (data :Data, turns :UInt32) -> (data :Data);
  # Gives it back after so many turns of the executor.

  echoWhen @5 (data :Data, gate :Gate) -> (data :Data);
  # Gives it back when the gate is open.

  open @6 (gate :Gate) -> ();
  # Opens a gate.

  never @7 (attached :Counter) -> ();
  # Never answers, and keeps what is attached until the call is cancelled.

  fail @8 (kind :Kind, text :Text, turns :UInt32) -> ();
  # Fails like that, after so many turns.

  panic @9 (text :Text, turns :UInt32) -> ();
  # Panics with that text, after so many turns. Only where panics can be caught.

  counter @10 () -> (counter :Counter, other :Counter);
  # Two new counters, which start at 0.

  counterWhen @11 (gate :Gate) -> (counter :Counter);
  # A new counter, when the gate is open.

  same @12 () -> (counter :Counter);
  # The same counter at every call.

  giveBack @13 (counter :Counter) -> (counter :Counter);
  # Gives back the capability that it gets, which may be null, and nobody's counter at all.

  giveBackWhen @14 (counter :Counter, gate :Gate) -> (counter :Counter);
  # The same, when the gate is open.

  giveBackAll @15 (counters :List(Counter)) -> (counters :List(Counter));
  # The same for many at once.

  isYours @16 (counter :Counter) -> (yours :Bool);
  # Whether it is the counter of `same`: not one that behaves alike, but that object.

  hold @17 (counter :Counter) -> ();
  # Keeps a capability, after those that it keeps already.

  held @18 (index :UInt32) -> (counter :Counter);
  # One of those that it keeps.

  letGo @19 () -> ();
  # Drops the capability that it has kept for the longest time.

  callBack @20 (counter :Counter, times :UInt32, gate :Gate) -> (value :Int64);
  # Adds 1 to the counter so many times, one after another, by its `addWhen` with that gate, which is one of the
  # counter's own side. Says what it stands at.

  bounce @21 (peer :Peer, home :Peer, times :UInt32) -> (times :UInt32);
  # With `times` above 0: bounces to `peer`, with one time less and the two exchanged, and gives back what that said and
  # 1 more.

  recorder @22 () -> (recorder :Recorder);
  # A new recorder.

  recorderWhen @23 (gate :Gate) -> (recorder :Recorder);
  # A new recorder, when the gate is open.

  playTo @24 (recorder :Recorder, count :UInt32) -> ();
  # Records the numbers from 0 up, so many, without waiting in between.

  sink @25 () -> (sink :Sink);
  # A new sink.

  pourInto @26 (sink :Sink, count :UInt32) -> (numbers :List(UInt32));
  # Writes the numbers from 0 up, so many, without waiting in between, and gives back what the sink has got then.

  census @27 () -> (objects :UInt32, calls :UInt32, abandoned :UInt32);
  # How many counters, recorders and sinks made here are alive, the one of `same` apart; how many calls are being worked
  # on; and how many were dropped before they had ended.

  leave @28 () -> ();
  # This side goes away while it serves this call. Nobody gets an answer.
}

interface Counter @0xf04d9b62c15e3a78 {
  # An object with something to remember.

  add @0 (amount :Int64) -> (value :Int64);
  # Adds, and says what it stands at then.

  addWhen @1 (amount :Int64, gate :Gate) -> (value :Int64);
  # Adds at once, and says so when the gate is open.

  child @2 () -> (counter :Counter);
  # A new counter, which starts at what this one stands at.

  fail @3 (kind :Kind, text :Text) -> ();
  # Fails like that.
}

interface Recorder @0x9e57c08ad36b41f2 {
  # An object that remembers the order of its calls.

  record @0 (number :UInt32) -> ();
  # Remembers the number.

  recordWhen @1 (number :UInt32, gate :Gate) -> ();
  # Remembers the number at once, and says so when the gate is open.

  recorded @2 () -> (numbers :List(UInt32));
  # What it remembers, in the order in which it came.
}

interface Sink @0x8c3fe619b7a250d4 {
  # An object that is written to as a stream. It is slow: it takes a number only after some turns of the executor.

  write @0 (number :UInt32) -> stream;
  # Takes the number after as many turns as its lowest two bits say.

  writeWhen @1 (number :UInt32, gate :Gate) -> stream;
  # Takes the number when the gate is open.

  refuse @2 (kind :Kind, text :Text) -> stream;
  # Fails like that, after a turn.

  end @3 () -> (numbers :List(UInt32));
  # What it has taken, in the order in which it did.
}
