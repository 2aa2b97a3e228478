//! How much a carrier keeps: of all together, of who fetches no receipts, and for how long.

use super::{apart, forged};
use crate::engine::tests::Net;
use crate::engine::{Checked, Input};
use crate::ids::{OrgId, ParcelId};
use crate::keys::NodeKey;
use crate::limits;
use crate::store::Draft;
use crate::sync::carry::Refused;
use crate::sync::parcel::Receipt;
use crate::sync::parcel::rows::{self, Carried};
use crate::sync::wire::Frame;
use crate::time::DAY;

/// Of a parcel for host 3 that host 2 leaves with host 1: why it is not kept, 0 if it is. `ahead`: how far its maker's clock is.
fn left(net: &mut Net, ahead: u64) -> u8 {
    let now = net.now;
    net.now = now.plus(ahead);
    let parcel = forged(net, 2, 3);
    net.now = now;
    let link = net.connect(2, 1);
    // The carrier is greeted, and nothing that it says arrives.
    net.flying.retain(|flying| flying.to == 1);
    net.deliver();
    net.flying.clear();
    net.input(1, Input::Received { link, frame: Checked::of(&Frame::Parcel(parcel).encode()) });
    let mut said = net.flying.iter().map(|flying| Frame::decode(&flying.bytes).unwrap());
    let code = said.find_map(|frame| if let Frame::Kept(_, code) = frame { Some(code) } else { None });
    net.cut_all();
    code.expect("an answer")
}

/// Changes what host 1 carries.
fn carries(net: &mut Net, change: impl FnOnce(&mut Draft<'_>)) {
    let mut draft = Draft::new(&net.hosts[1].store);
    change(&mut draft);
    let writes = draft.into_writes();
    net.hosts[1].store.commit(writes);
}

fn row(net: &Net, from: OrgId, bytes: u64, receipt: Option<Receipt>) -> Carried {
    let (to, bytes) = (net.hosts[3].org(), u32::try_from(bytes).unwrap());
    Carried { from, to, at: net.now, expires: net.now.plus(DAY), bytes, receipt }
}

#[test]
fn a_carrier_that_is_full_keeps_nothing_more_of_anybody_until_something_went() {
    let (mut net, _) = apart(4, &[1]);
    let full = row(&net, net.hosts[0].org(), limits::CARRIED_TOTAL - 1, None);
    let id = ParcelId([9; 32]);
    carries(&mut net, |draft| rows::put_carried(draft, &id, &full, Vec::new()).unwrap());
    assert_eq!(left(&mut net, 0), Refused::Full as u8);
    carries(&mut net, |draft| rows::drop_carried(draft, &id, &full).unwrap());
    assert_eq!(left(&mut net, 0), 0);
}

#[test]
fn who_takes_no_receipts_leaves_nothing_more_after_so_many() {
    let (mut net, _) = apart(4, &[1]);
    let key = NodeKey::from_seed([8; 32]);
    let id = |n: u32| ParcelId(std::array::from_fn(|at| n.to_be_bytes().get(at).copied().unwrap_or(1)));
    for n in 1..=limits::CARRIED_RECEIPTS {
        let row = row(&net, net.hosts[2].org(), 0, Some(Receipt::sign(&key, id(n))));
        carries(&mut net, |draft| rows::put_carried(draft, &id(n), &row, Vec::new()).unwrap());
    }
    assert_eq!(left(&mut net, 0), Refused::Quota as u8);
    let last = row(&net, net.hosts[2].org(), 0, Some(Receipt::sign(&key, id(1))));
    carries(&mut net, |draft| rows::drop_carried(draft, &id(1), &last).unwrap());
    assert_eq!(left(&mut net, 0), 0);
}

#[test]
fn a_parcel_lives_no_longer_than_a_parcel_may_and_clocks_differ() {
    let (mut net, _) = apart(4, &[1]);
    // As it is made, it lives for a day.
    let most = limits::PARCEL_LIFE + limits::PARCEL_CLOCKS - DAY;
    assert_eq!(left(&mut net, most), 0);
    assert_eq!(left(&mut net, most + 1), Refused::Expiry as u8);
}
