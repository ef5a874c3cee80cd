//! The methods of a peer.

use capnp::traits::HasTypeId;
use ww_conformance::conformance_capnp::peer;

use crate::says::Method;

pub(crate) const ECHO_ANY: Method = of_peer(1);
pub(crate) const PRODUCE: Method = of_peer(3);
pub(crate) const OPEN: Method = of_peer(6);
pub(crate) const NEVER: Method = of_peer(7);
pub(crate) const COUNTER: Method = of_peer(10);
pub(crate) const HOLD: Method = of_peer(17);
pub(crate) const CALL_BACK: Method = of_peer(20);

const fn of_peer(method: u16) -> Method {
    (<peer::Client as HasTypeId>::TYPE_ID, method)
}
