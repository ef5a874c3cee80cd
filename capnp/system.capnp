@0x9f4e2b7a61c8d302;
# What a node offers: itself, other programs, bytes and files.
#
# Peer ids and multiaddresses are text throughout, in the forms that libp2p prints: `12D3Koo…` and
# `/ip4/127.0.0.1/tcp/2025`. Sizes and offsets are bytes.

struct PeerInfo {
  # A peer that this node is connected to.

  peerId @0 :Text;
  # Its peer id.

  addrs @1 :List(Text);
  # The addresses at the far ends of the connections to it, one a connection, oldest first.
}

interface Host @0xa4c6f1d2937be815 {
  # The node that a guest runs on.

  id @0 () -> (peerId :Text);
  # This node's peer id. Constant while the node runs.

  addrs @1 () -> (addrs :List(Text));
  # The addresses that this node listens on, without the `/p2p/…` part, wildcard addresses expanded to those of the
  # interfaces. Sorted.

  peers @2 () -> (peers :List(PeerInfo));
  # The peers that this node is connected to at this moment, sorted by peer id. A peer is listed until its last
  # connection is closed.

  connect @3 (addr :Text) -> (peer :PeerInfo);
  # Connects to a multiaddress. With a `/p2p/PEERID` part, a peer of another id is refused. Returns when the connection
  # is established and authenticated; connecting to a connected peer returns at once.
  #
  # Errors: `failed` where the address cannot be parsed, names this node itself, or nobody answers (10 s at most for
  # the transport's handshake).

  watchPeers @4 (watcher :PeerWatcher);
  # Tells `watcher` which peers this node is connected to: at first those of now, sorted by peer id, then each one that
  # comes or goes. The watch lasts as long as the call, which does not return by itself; dropping it ends the watch.
  #
  # The watcher has one call to answer at a time, and gets the next one when it has. What happens meanwhile does not
  # queue: what it is told then is the difference between what it was told before and what is. So a slow watcher never
  # hears of a peer that came and went in the meantime, and one that went and came back looks as if it had stayed.
  #
  # Errors: `failed` for the null capability; the watcher's own error, with its kind, when it fails a call; `overloaded`
  # while 64 watches are open on this node; `disconnected` when the node leaves the network.
}

interface PeerWatcher @0x883535759e7c2d78 {
  # Is told of peers that come and go. Whoever wants to know serves it, and hands it to `Host.watchPeers`.

  connected @0 (peer :PeerInfo);
  # This node is connected to a peer to which it was not before. `peer` has the connections of this moment; later ones to
  # the same peer are not told of.

  disconnected @1 (peerId :Text);
  # The last connection is closed to a peer of which `connected` has told.
}

interface ByteStream @0xb7d0c35e48f1a926 {
  # Bytes in order, in one or two directions that are independent of each other: closing one leaves the other open.

  read @0 (maxBytes :UInt32) -> (data :Data);
  # Reads what is there, waiting until there is at least one byte. At most `maxBytes`, and never more than 256 KiB;
  # `maxBytes` 0 means 64 KiB. Empty `data` is the end of the stream, again at every later read.
  #
  # Errors: `failed` when the stream cannot be read, or when another `read` is waiting; `disconnected` when the other
  # side is gone before it ended its stream.

  write @1 (data :Data) -> stream;
  # Writes all of `data` (at most 256 KiB). The acknowledgement is the back-pressure: it comes when there is room for
  # more. Writing nothing does nothing.
  #
  # Errors: `failed` when the stream cannot be written or was ended; `disconnected` when nobody reads any more.

  end @2 ();
  # Ends the direction that is written: the other side reads what was written, then the end of the stream. Ending twice
  # does nothing. Dropping the last reference without `end` gives the other side `disconnected` instead.
}

interface Process @0xcb19e04f7a63d527 {
  # One run of a program in a cell of its own. Dropping a `Process` does not stop it.

  stdin @0 () -> (stream :ByteStream);
  # The stream that the program reads as its standard input: write to it, then `end` it.

  stdout @1 () -> (stream :ByteStream);
  # What the program writes to its standard output. End of stream when the program has ended.

  stderr @2 () -> (stream :ByteStream);
  # What the program writes to its standard error. End of stream when the program has ended.

  wait @3 () -> (exit :Exit);
  # Returns when the program has ended; any number of times, also afterwards.

  kill @4 ();
  # Ends the program at once, also one that computes without pause. Does nothing where it has ended.

  bootstrap @5 () -> (cap :Capability);
  # The capability that the program serves. Calls on it wait until the program serves one.
  #
  # Errors: calls on it fail as `unimplemented` where the program ended its `main` without serving one, and as
  # `disconnected` where the program has ended.

  struct Exit {
    union {
      code @0 :Int32;
      # The program ended by itself; 0 is success.

      trap @1 :Text;
      # The program crashed; the text says how.

      limit @2 :Text;
      # The program was ended by a limit; the text names it and its value.

      killed @3 :Void;
      # The program was ended by `kill`, or with its parent.
    }
  }
}

interface Executor @0xd52f8a6b1c07e938 {
  # Runs programs as child cells.

  runBytes @0 (wasm :Data, args :List(Text), env :List(Text)) -> (process :Process);
  # Runs a component from its bytes. `args` are the arguments after the program's name, `env` entries are `KEY=VALUE`.
  #
  # Errors: `failed` where the bytes are no component or import what nobody provides; `overloaded` where a limit of the
  # caller's tree of cells is reached.

  echo @1 (message :Text) -> (response :Text);
  # Answers with the message.
}

interface Tree @0xe8164c9d30fb7a4b {
  # A tree of files that can be read. Paths are relative to its root, with `/` between names, no empty name, no `.` and
  # no `..`; the empty path is the root. No call follows a symbolic link: who holds the tree resolves them, inside it.

  lookup @0 (path :Text) -> (entry :Entry);
  # What is at `path`.
  #
  # Errors: `failed` with `not found: PATH` where there is nothing.

  list @1 (path :Text, offset :UInt32, maxEntries :UInt32) -> (entries :List(Entry), total :UInt32);
  # The entries of a directory from the `offset`th on, sorted by the bytes of their names: at most `maxEntries`, and
  # never more than 4,096; 0 means that many. No entries come back where `offset` is at or past `total`.

  read @2 (path :Text, offset :UInt64, maxBytes :UInt32) -> (data :Data);
  # A part of a file: at most `maxBytes`, and never more than 256 KiB; 0 means that many. Empty at and past the end.

  readlink @3 (path :Text) -> (target :Text);
  # The target of a symbolic link, as it was written.

  struct Entry {
    name @0 :Text;
    # The last name of its path; empty for the root.

    kind @1 :Kind;
    # What it is.

    size @2 :UInt64;
    # Bytes of a file, or of a link's target; 0 for a directory.

    executable @3 :Bool;
    # Whether a file carries an execute bit.
  }

  enum Kind {
    directory @0;
    file @1;
    symlink @2;
  }
}
