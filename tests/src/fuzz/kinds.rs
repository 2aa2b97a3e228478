//! One list of all that is read from postcard: each with values of every kind of it.

use super::making::values;
use belay_protocol::agreement;
use belay_protocol::coalition::handshake::{Answer, Approved, Offering, Request};
use belay_protocol::coalition::invite::pass::Published;
use belay_protocol::codec;
use belay_protocol::directory::Openings;
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::document;
use belay_protocol::emergency::EmergencyBody;
use belay_protocol::ids::EntryHash;
use belay_protocol::keys::{Certificate, PrekeyPublic, Retirement, Wrap};
use belay_protocol::referral;
use belay_protocol::referral::inquiry::InquiryBody;
use belay_protocol::space::Register;
use belay_protocol::space::control::{Approve, Ask, Epoch, Extend, Found, Grant, Keep, Revoke};
use belay_protocol::space::entry::Header;
use belay_protocol::sync::kept::Records;
use belay_protocol::sync::parcel::bundle::Bundle;
use belay_protocol::sync::parcel::{Content, Parcel, Receipt};
use belay_protocol::sync::wire::Frame;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One type that bytes from elsewhere are read as.
pub struct Kind {
    /// What faults call it: the word that is given to `codec::decode`.
    pub name: &'static str,
    /// The canonical bytes of values of every kind.
    pub samples: fn() -> Vec<Vec<u8>>,
    /// What these bytes say, written again; `None` if they are refused.
    pub again: fn(&[u8]) -> Option<Vec<u8>>,
}

const fn kind<T: Serialize + DeserializeOwned>(name: &'static str) -> Kind {
    Kind {
        name,
        samples: || values::<T>().iter().map(codec::encode).collect(),
        again: |bytes| codec::decode::<T>("kind", bytes).ok().map(|value| codec::encode(&value)),
    }
}

/// All of them.
pub const KINDS: &[Kind] = &[
    kind::<Frame>("frame"),
    kind::<Header>("entry"),
    kind::<Found>("found"),
    kind::<Grant>("grant"),
    kind::<Revoke>("revoke"),
    kind::<Certificate>("certify"),
    kind::<Retirement>("retire"),
    kind::<Keep>("keep"),
    kind::<Epoch>("epoch"),
    kind::<Extend>("extend"),
    kind::<Ask>("ask"),
    kind::<Approve>("approve"),
    kind::<Register>("register"),
    kind::<PrekeyPublic>("prekey"),
    kind::<Vec<String>>("addresses"),
    kind::<Vec<EntryHash>>("heads"),
    kind::<Option<u64>>("carrier"),
    kind::<Published>("passes"),
    kind::<Openings>("openings"),
    kind::<document::Body>("document"),
    kind::<referral::Body>("thread body"),
    kind::<PrivateBody>("private record"),
    kind::<agreement::Body>("agreement"),
    kind::<EmergencyBody>("emergency body"),
    kind::<InquiryBody>("inquiry"),
    kind::<Request>("join request"),
    kind::<Answer>("join answer"),
    kind::<Offering>("own offer"),
    kind::<Approved>("welcome file"),
    kind::<Parcel>("parcel"),
    kind::<Content>("parcel's content"),
    kind::<Receipt>("receipt"),
    kind::<Bundle>("bundle"),
    kind::<(Wrap, Vec<u8>)>("backup"),
    kind::<Records>("records"),
];

/// What is read from this program's own store or by other means, and so stands in no list of kinds.
pub const ELSEWHERE: &[&str] = &[
    "invite in the store",
    "join in the store",
    "own certificate",
    "prekey published",
    "seats",
    "bookmark",
    "arrival",
    "kept",
    "looked for",
    "row about a parcel",
    "part of an import",
    "removal notices",
    "void notices",
    "charter that was shown",
    "recovered",
    // Private types of one file each; the fuzz targets `armor` and `admission` read them.
    "claim file",
    "invite file",
    "admission",
    "id",
];

/// Values of every kind of the type of this name, as bytes.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn samples(name: &str) -> Vec<Vec<u8>> {
    let kind = KINDS.iter().find(|kind| kind.name == name).expect("the name stands in the list");
    (kind.samples)()
}
