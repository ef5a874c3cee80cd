@0xae0fc603e7f3bd0e;
# What `clock` offers: the time, and timers.

interface Clock @0x8ac8548b689d708e {
  # A clock. Its operator may set it forward or back, and have it run faster or slower than time passes: all that is said
  # here in seconds and nanoseconds is the clock's own, timers too.
  #
  # A caller has at most `maxTimers` timers and tickers at once, by the name that the node gave it.

  const maxTimers :UInt32 = 1024;
  # Timers and tickers of one caller, at most.

  now @0 () -> (seconds :Int64, nanoseconds :UInt32);
  # The wall time: seconds since 1970 in UTC, leap seconds not counted, and the nanoseconds that are over of the next one. It
  # goes back where somebody sets the machine's clock back.

  elapsed @1 () -> (nanoseconds :UInt64);
  # The time since the provider was opened. It never goes back; but a provider that was started again begins at 0.

  timer @2 (after :UInt64) -> (timer :Timer);
  # Sets a timer to fire once, in `after` nanoseconds.
  #
  # Errors: `overloaded` while the caller has `maxTimers`.

  ticker @3 (every :UInt64, listener :Listener) -> (ticker :Ticker);
  # Tells `listener` each time that `every` nanoseconds are over. It ends when `ticker` is dropped, or the listener fails a
  # call.
  #
  # Errors: `failed` where `every` is 0; `overloaded` while the caller has `maxTimers`.
}

interface Timer @0xb7d130e6965c95d7 {
  # A timer. It is gone when this is dropped.

  wait @0 ();
  # Returns when the timer has fired, never before its time; at once where it has fired already. It may be called any number
  # of times, and dropping the call waits no longer.
}

interface Listener @0xa7c1331023b9cee0 {
  # Hears a clock tick. Whoever wants to know serves it, and hands it to `Clock.ticker`.

  ticked @0 (periods :UInt64);
  # So many periods are over since the ticker was made: 1 at first. There is one call to answer at a time, and none sooner
  # than a millisecond after the last one: numbers that were over meanwhile are left out.
}

interface Ticker @0xd797fe72262b727e {
  # A ticker. It ends when this is dropped.
}
