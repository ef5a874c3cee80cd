@0xc1a5b6f0e7d20911;
# Authority: how a guest comes by its capabilities.
#
# A guest starts with one capability, its `Membrane`. It grafts onto it and receives a `Session`: the node's current
# epoch, and the capabilities that its operator configured for it, by name.

struct Epoch {
  # A version of the node's authority. When it advances, every capability that was granted under the old one is dead:
  # calls on it, also those in flight, fail as `disconnected`, and a fresh graft is the way to new ones.

  number @0 :UInt64;
  # This node's own count: one higher at every change of authority, never reused. 0 is a node's first.

  chainId @1 :UInt64;
  # The chain that the head was read from. 0 where the node follows none; then the fields below are empty too.

  seq @2 :UInt64;
  # The sequence number of the head on its chain.

  head @3 :Data;
  # The head itself: the content path that is the node's root, as bytes. Empty where the node follows no chain.

  blockHash @4 :Data;
  # The 32 bytes of the hash of the block that the head was read at. Empty where the node follows no chain.
}

interface Signer @0xd0f7a7c3b1e94522 {
  # Proves who is calling. Reserved for peers; a guest that runs on the node passes none.

  sign @0 (domain :Text, payload :Data) -> (signature :Data);
  # Signs `payload` (at most 64 KiB) for the use that `domain` names, so that a signature for one use is worth nothing
  # in another. `signature` is what the signer's key type makes of it; for Ed25519 64 bytes.
  #
  # Errors: `failed` when the signer refuses the domain.
}

struct Export {
  # One capability under its name.

  name @0 :Text;
  # The name that the operator configured: 1 to 64 of `a-z`, `0-9`, `-`, `_`, starting with a letter.

  cap @1 :Capability;
  # The capability. Its interface is the provider's to document; the host does not know it.
}

struct Session {
  # What a graft returns.

  epoch @0 :Epoch;
  # The epoch that every capability below was granted under.

  caps @1 :List(Export);
  # The capabilities, sorted by name, each name once.
}

interface Membrane @0xe3a1f5d86b0c4733 {
  # The registry of the capabilities that are configured for one caller.

  graft @0 (signer :Signer, names :List(Text)) -> Session;
  # Grants capabilities by name. Empty `names` means all that is configured for this caller. Grafting twice is fine and
  # gives two sessions over the same objects.
  #
  # Errors: `failed` with `capability 'NAME' is not configured; configured: …` for a name that is not configured, and
  # with the limit's name for more than 256 names; `disconnected` when the epoch advances meanwhile.

  restrict @1 (cap :Capability, interfaceId :UInt64, methods :List(UInt16), calls :UInt64)
      -> (cap :Capability, revoker :Revoker);
  # A weaker form of a capability, to be handed on: of all its methods, only `methods` of the interface `interfaceId`
  # can be called, and where `calls` is not 0, only that many times in all. Everything else fails. What the allowed
  # methods return is not restricted, but it is revoked together with the capability.
  #
  # Restricting what is restricted allows what both allow, and ends when either is revoked or used up.
  #
  # Errors: `failed` for the null capability, and for more than 1,024 methods; `overloaded` for a capability that was
  # restricted 16 times already.
}

interface Revoker @0xf6b83d0a72c91e5c {
  # Ends a restricted capability.

  revoke @0 ();
  # From now on, calls on the restricted capability and on everything that was reached through it fail as
  # `disconnected`, also those in flight. Revoking twice does nothing. Dropping the revoker does not revoke.
}
