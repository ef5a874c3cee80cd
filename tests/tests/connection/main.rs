//! Guests that speak RPC over `wetware:cell/connection`, and what they can make of it. That calls over it behave as calls
//! do is for the conformance suite.

mod ends;
mod guest;
mod limits;
mod method;
mod says;
