mod net;
mod sessions;
mod threads;

use net::{Host, Net};
