@0x83fdb478f7e66169;
# What `{{name}}` offers. After a change here, `ww plugin codegen` renews the bindings.

interface {{Name}} @0xa25f41fb3f3420a1 {
  # A sum, the same for all who have this.

  add @0 (number :UInt64) -> (total :UInt64);
  # Adds to the sum, and gives what it is then.
  #
  # Errors: `failed` where it would be 2^64 or more; it stays what it was.
}
