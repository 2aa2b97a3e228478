//! Real nodes on networks that are built for the purpose: namespaces, routers that hide networks, lines that are slow, lossy or cut.
//!
//! `cargo test --test netns` runs them, with a name only those that hold it. They need root, `iproute2` and `nftables`; without, each
//! counts as ignored and one line says why. Everything lives in namespaces of its own and is gone at the end.

mod lab;
mod line;
mod machine;
mod scenarios;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let mut arguments = Arguments::from_args();
    let missing = lab::missing();
    if let Some(why) = missing.as_ref().filter(|_| !arguments.list) {
        eprintln!("network scenarios do not run here ({why}): they need root, iproute2, nftables and /dev/net/tun");
    }
    // Each scenario is some processes that mostly wait; all at once would only make each slower.
    arguments.test_threads = arguments.test_threads.or(Some(3));
    let trials = scenarios::ALL.iter().map(|&(name, scenario)| {
        let trial = Trial::test(name, move || {
            scenario();
            Ok(())
        });
        trial.with_ignored_flag(missing.is_some())
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}
