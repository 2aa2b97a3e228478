//! Parcels: files that somebody carries, and what lies with carriers.

use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// A bundle for another organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BundleView {
    pub to: OrgId,
    pub to_name: String,
    /// How many parcels are in it, and what they hold.
    pub parcels: usize,
    pub entries: usize,
    pub registers: usize,
    /// Not everything fitted: after an answer by file, another holds the rest.
    pub more: bool,
    /// The texts of the file; left out where it was written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<String>,
    /// The file that was written.
    #[serde(default)]
    pub file: Option<String>,
}

/// What became of a bundle that was brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedView {
    /// Names of those whose parcels were new.
    pub from: Vec<String>,
    /// Parcels that are here now.
    pub taken: usize,
    /// Those that had been taken before.
    pub known: usize,
    /// Those that wait for what an earlier bundle, or a link, brings.
    pub waiting: usize,
}

/// A node that offers to carry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CarrierRow {
    pub node: NodeId,
    pub org: OrgId,
    pub name: String,
    /// Bytes that it keeps for each organisation.
    pub bytes: u64,
    pub ours: bool,
}

/// A parcel that lies here for somebody. There is no more to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CarriedRow {
    pub from: OrgId,
    pub from_name: String,
    pub to: OrgId,
    pub to_name: String,
    pub at: Time,
    pub expires: Time,
    pub bytes: u32,
}

/// A parcel of ours on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeftRow {
    pub to: OrgId,
    pub to_name: String,
    pub made: Time,
    pub expires: Time,
    pub bytes: u32,
    /// Who keeps it; empty: it waits for a carrier.
    pub with: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CarriersView {
    /// Bytes for each organisation, if this node offers to carry.
    pub offering: Option<u64>,
    pub carriers: Vec<CarrierRow>,
    pub carried: Vec<CarriedRow>,
    pub left: Vec<LeftRow>,
    /// Names of organisations for which something waits here that nobody carries.
    pub waiting: Vec<String>,
}
