@0x9bfef99756227658;
# What `kv` offers: keys and values that stay.

interface Kv @0xf896819c50f5e368 {
  # Keys and values of one caller. They stay when it ends, and when its node does; another caller has others. The caller is
  # who grafted it, by the name that the node gave it; whoever is lent this capability works on the lender's.
  #
  # A key is text, 1 byte to 1 KiB; a value is bytes, 256 KiB at most. A caller keeps 64 MiB, where the operator says nothing
  # else. Calls take effect in the order in which they were made, and a change is on the disk when its call returns.
  #
  # Errors of all methods: `failed` for a key, a prefix or a value that is too long, or an empty key; where the disk fails.

  const maxKey :UInt32 = 1024;
  # Bytes of a key, at most.

  const maxValue :UInt32 = 262144;
  # Bytes of a value, at most.

  get @0 (key :Text) -> (found :Bool, value :Data);
  # The value of a key; not found, and empty, where there is none.

  put @1 (key :Text, value :Data);
  # Sets the value of a key.
  #
  # Errors: `overloaded` where the caller would keep more than it may.

  delete @2 (key :Text) -> (found :Bool);
  # Removes a key; says whether it was there.

  scan @3 (prefix :Text) -> (cursor :Cursor);
  # The keys that begin with `prefix`, and their values, by the order of the keys' bytes. The empty prefix is all.

  watch @4 (prefix :Text, watcher :Watcher) -> (watch :Watch);
  # Tells `watcher` of changes from now on to keys that begin with `prefix`, whoever makes them. The watch ends when `watch`
  # is dropped, or the watcher fails a call.
  #
  # Errors: `overloaded` while 64 watches are open on the caller's keys.
}

struct Entry {
  # A key and its value.

  key @0 :Text;
  value @1 :Data;
}

interface Cursor @0xc398150f9a73b715 {
  # A place among the keys, which moves on with each `next`. It holds up no change: what it gives is what is there then.

  next @0 (maxEntries :UInt32) -> (entries :List(Entry));
  # The next entries: `maxEntries` or fewer, never more than 256, and of 512 KiB at most; 0 means as many as that allows.
  # None at the end.
}

interface Watcher @0xd521b4ff70bafe0d {
  # Is told of changes. Whoever wants to know serves it, and hands it to `Kv.watch`.

  changed @0 (keys :List(Text), more :Bool);
  # The values of `keys` were set or removed since the last call, sorted; where `more`, those of any others, too, and it is
  # time to scan again. There is one call to answer at a time: what changes meanwhile is told in the next one, each key once,
  # and `more` where that would be over 256 keys.
}

interface Watch @0xea52d2af2eaa07f1 {
  # A watch. It ends when this is dropped.
}
