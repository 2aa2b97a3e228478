mod absent;
mod allowance;
mod backup;
mod bounds;
mod company;
mod ends;
mod hold;
mod net;
mod newcomers;
mod nodes;
mod parcels;
mod passes;
#[cfg(feature = "planted")]
mod planted;
mod prekeys;
mod receipts;
mod sessions;
mod succession;
mod threads;
mod turned;

use net::{Host, Net};
