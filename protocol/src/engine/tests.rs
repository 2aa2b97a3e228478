mod absent;
mod allowance;
mod backup;
mod bounds;
mod company;
mod net;
mod nodes;
mod parcels;
mod passes;
mod prekeys;
mod receipts;
mod sessions;
mod succession;
mod threads;

use net::{Host, Net};
