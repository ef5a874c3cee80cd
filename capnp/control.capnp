@0xf3b0c96d27e81a54;
# What a running node offers to its operator, on the control socket in its data directory.

using import "provider.capnp".Command;

interface Control @0xb82e5d17c6f4093a {
  # One node. Whoever can open its socket, the user that it runs as, is its operator.

  node @0 () -> (pid :UInt32, providers :List(Text));
  # Its process id, and the names of the providers that it has open, sorted.

  command @1 (name :Text) -> (command :Command);
  # The command line of a provider that it has open.
  #
  # Errors: `failed` where no provider of that name is open; `unimplemented` where it has no command line.
}
