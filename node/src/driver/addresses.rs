//! What members know of where this node can be reached.

use crate::store::Store;
use belay_protocol::codec;
use belay_protocol::engine::{ADDRESSES, Engine};
use belay_protocol::fault::Result;
use belay_protocol::ids::SpaceId;

/// What `status` and `invite` say where no address is reachable from outside.
pub const UNREACHABLE: &str = "no address of this node can be reached from outside this network; others can join by file \
    (`belay invite --file`), or forward a port to this machine and name the address outside with `belay run --announce`";

/// The coalitions whose members have other addresses of this node than these.
///
/// # Errors
/// `Store`.
pub fn changed(engine: &mut Engine, store: &Store, told: &[String]) -> Result<Vec<SpaceId>> {
    let own = engine.node();
    let mut changed = Vec::new();
    for space in engine.coalitions(store)? {
        let known = engine.registers(store, space)?.into_iter().find(|r| r.node == own && r.name == ADDRESSES);
        let same = known
            .and_then(|register| codec::decode::<Vec<String>>("own addresses", &register.value).ok())
            .is_some_and(|known| known == told);
        if !same {
            changed.push(space);
        }
    }
    Ok(changed)
}
