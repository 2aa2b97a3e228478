mod absent;
mod allowance;
mod backup;
mod bounds;
mod company;
mod net;
mod nodes;
mod parcels;
mod prekeys;
mod receipts;
mod sessions;
mod succession;
mod threads;

use net::{Host, Net};
