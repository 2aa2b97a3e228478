mod net;
mod nodes;
mod sessions;
mod threads;

use net::{Host, Net};
