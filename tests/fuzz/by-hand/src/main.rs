//! The fuzz targets under libFuzzer, which looks for inputs that reach new code. `FUZZ_TARGET` names which.

#![no_main]

use belay_tests::fuzz::{Target, target};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    target(&name).unwrap_or_else(|| panic!("no target is called {name}"))
});

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
