@0x98c49ac1f60d6db5;
# An interface of this guest's own. Its bindings are in `src/visitor_capnp.rs`.

using System = import "/system.capnp";

interface Visitor @0xb4bbf813282dd3cb {
  # Somebody who has what others give it, and nothing else.

  receive @0 (host :System.Host);
  # Takes the capability of a node, in the place of the one before.

  explore @1 () -> (findings :List(Text));
  # Tries all that a node offers on the capability that it has: what came of it, a line a method.
  #
  # Errors: `failed` where it was given nothing.
}
