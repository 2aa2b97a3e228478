mod absent;
mod net;
mod nodes;
mod parcels;
mod sessions;
mod threads;

use net::{Host, Net};
