@0xe1d7b3a45c08f926;
# What supplies a capability: a provider, whatever it is made of.
#
# A node opens each provider once, attaches its callers to it, and may ask it for what the node itself needs, its roles.
# Contract 1: this file together with what a kind of plugin adds to it. The number changes when plugins have to be built
# again.

using import "stem.capnp".Export;
using import "stem.capnp".Epoch;
using import "system.capnp".ByteStream;
using import "system.capnp".Tree;

struct Manifest {
  # What a provider says of itself.

  name @0 :Text;
  # The name that it goes by where the operator gives it no other: 1 to 64 of `a-z`, `0-9`, `-`, `_`, starting with a
  # letter.

  version @1 :Text;
  # Its own version.

  description @2 :Text;
  # What it is, in one line.

  interfaceId @3 :UInt64;
  # The id of the interface that callers get; 0 where there is none.

  contract @4 :UInt32;
  # The number of the contract that it was built for.

  roles @5 :List(Text);
  # What the node may ask it for: `command`, `content:` and the prefix of the paths that it resolves (`content:/ipfs/`).

  requires @6 :List(Text);
  # The names of the capabilities that it cannot do without. Requiring grants nothing.

  configSchema @7 :Text;
  # The JSON schema of its configuration; empty where it takes none.
}

interface Provider @0x8f2c5e7a90d1b346 {
  # Something that supplies one capability by name.

  manifest @0 () -> (manifest :Manifest);
  # What it says of itself. May be asked before `open`, and must agree with the plain data in its file.

  open @1 (config :Text, grants :List(Export)) -> (service :Service);
  # Opens it: once, before anything else. `config` is a JSON object as `configSchema` says; `grants` are the capabilities
  # that it may use, for as long as it is open.
  #
  # Errors: `failed` where the configuration does not fit, naming the key; where a grant that it requires is missing; where
  # it is open already.

  close @2 ();
  # Flushes and stops. Called once, after the last use of everything that came from it, and given 5 seconds.
}

struct Caller {
  # Who is to use a capability. Set by the node, never by a guest.

  name @0 :Text;
  # The name of the cell or peer: unique among those that are there; a child's is `PARENT/CHILD`.

  epoch @1 :Epoch;
  # The epoch under which it is granted.

  caps @2 :List(Export);
  # The required capabilities of the node, made for this caller.
}

interface Service @0xd93b61f4ae27c058 {
  # A provider that is open.

  attach @0 (caller :Caller) -> (cap :Capability);
  # The capability for a caller. Called for every graft and every child cell.

  role @1 (name :Text) -> (cap :Capability);
  # What the node asks for itself, one of the manifest's roles: `command` gives a `Command`, `content` a `Content`.
  #
  # Errors: `unimplemented` for a role that it does not have.
}

interface Content @0xa6e80c27f9154bd3 {
  # Resolves and publishes file trees under path prefixes: the role `content`.

  resolve @0 (path :Text) -> (tree :Tree, id :Text);
  # The tree at a content path, and the id of its content: the same id is the same content for ever.
  #
  # Errors: `failed` where nothing is there, or where the path is none of this provider's.

  publish @1 (tree :Tree, progress :Progress) -> (path :Text);
  # Publishes a tree; the path under which it can be resolved. `progress` may be null.

  interface Progress @0xbd47f06a3c91e825 {
    # Hears how far a publication is.

    report @0 (bytes :UInt64, entries :UInt64) -> stream;
    # So many bytes and entries are done, of all that will be.
  }
}

interface Command @0xc24a9d5ef7360b81 {
  # Serves the command line `ww NAME ARGS…`: the role `command`.

  run @0 (args :List(Text), stdin :ByteStream, stdout :ByteStream, stderr :ByteStream, terminal :Bool)
      -> (status :UInt8);
  # Runs it. `args` are those after the name; `terminal` says whether standard output is one. `status` is the exit status.
}
