//! What happens to a node.

use super::Checked;
use crate::ids::{NodeId, OrgId};

/// One thing that happened.
#[derive(Debug)]
pub enum Input {
    /// A link stands to a peer that proved its key and that [`super::Engine::admits`] gave this organisation.
    Connected { link: u64, node: NodeId, org: OrgId },
    /// One whole frame came.
    Received { link: u64, frame: Checked },
    /// The link is gone, whoever closed it.
    Disconnected { link: u64 },
    /// Time passed.
    Tick,
    /// This machine's clock was set while it ran: by so many milliseconds more than have passed. What other clocks said of it when
    /// their links came to stand is reckoned anew. Handed in before anything else that the new clock is used for.
    ClockMoved { by: i64 },
    /// This machine is about to go off: what waits is left with carriers, and own records with those who keep them, now.
    Leaving,
}
