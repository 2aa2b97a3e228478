//! What `belay run` does: opens the store, drives the engine, listens on the control socket, and stops in order when told to.

mod ports;

use crate::config::Folder;
use crate::control::{self, Handler};
use crate::driver::{Driver, UseCases};
use crate::net::address;
use crate::ops::conditions::{self, Conditions, Severity};
use crate::store::{Passphrase, Store};
use crate::zones;
use belay_protocol::fault::{Fault, Result};
use libp2p::Multiaddr;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// The port that nodes listen on unless told otherwise, for UDP (QUIC) and TCP.
pub const PORT: u16 = 4870;

/// How a node is run.
#[derive(Debug)]
pub struct Options {
    pub folder: Folder,
    pub passphrase: Passphrase,
    /// Addresses to listen on, as `/ip4/0.0.0.0/udp/0/quic-v1`. Empty: every interface, QUIC and TCP, on [`PORT`].
    pub listen: Vec<String>,
    /// Addresses at which others reach this node though it does not see them itself: a forwarded port, a name.
    pub announce: Vec<String>,
    /// What is wrong, as all parts of the node say it.
    pub conditions: Conditions,
}

/// A node that runs, until it is told to stop.
pub struct Running {
    driver: Driver,
    stop: Arc<tokio::sync::Notify>,
    // Dropped after the driver has stopped: while it is there, clients get an answer, if only that the node is stopping.
    server: control::Server,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Running({:?})", self.driver)
    }
}

/// Starts a node. `office` makes what answers the control socket; it gets the driver, and a bell that stops the node.
///
/// # Errors
/// `Misuse`: no node in the folder, in use, wrong passphrase, an address that can not be listened on; `Store`.
pub async fn start(
    options: Options,
    usecases: Box<dyn UseCases>,
    office: impl FnOnce(Driver, Arc<tokio::sync::Notify>) -> Arc<dyn Handler>,
) -> Result<Running> {
    let Options { folder, passphrase, listen, announce, conditions } = options;
    let listen = if listen.is_empty() { everywhere()? } else { addresses(&listen)? };
    let announce: Vec<Multiaddr> = announce.iter().map(|text| address::announced(text)).collect::<Result<_>>()?;
    look_at(&folder, &conditions);
    let zone = jiff::tz::TimeZone::try_system().ok();
    if let Some((sentence, next)) = zones::unplaced(std::env::var_os("TZ").as_deref(), zone.as_ref()) {
        conditions.set(conditions::ZONE_UNKNOWN, Severity::Warning, sentence, Some(next));
    }
    // The passphrase costs 150 ms and 64 MiB of work: not on a thread that others wait for.
    let opened = folder.clone();
    let store = tokio::task::spawn_blocking(move || Store::open(&opened, &passphrase))
        .await
        .map_err(|_| Fault::bug("opening the store ended by a panic"))??;
    let driver = Driver::start(store, usecases, &ports::recall(&folder, &listen), &announce, conditions).await?;
    ports::keep(&folder, &listen, &driver.net().addresses());
    let stop = Arc::new(tokio::sync::Notify::new());
    let server = control::serve(&folder, office(driver.clone(), Arc::clone(&stop)));
    match server {
        Ok(server) => Ok(Running { driver, stop, server }),
        Err(fault) => {
            driver.stop().await;
            Err(fault)
        }
    }
}

impl Running {
    #[must_use]
    pub const fn driver(&self) -> &Driver {
        &self.driver
    }

    /// Until SIGINT, SIGTERM, the bell, or the driver's end; then stops in order.
    ///
    /// # Errors
    /// `Bug`: the driver ended by itself. `Store`: the system takes no signal handlers.
    pub async fn until_stopped(self) -> Result<()> {
        let handler = |kind| signal(kind).map_err(|e| Fault::store(format!("the system takes no signal handler: {e}")));
        let (mut interrupt, mut terminate) = (handler(SignalKind::interrupt())?, handler(SignalKind::terminate())?);
        let by_itself = tokio::select! {
            _ = interrupt.recv() => false,
            _ = terminate.recv() => false,
            () = self.stop.notified() => false,
            () = self.driver.ended() => true,
        };
        tracing::info!("stopping");
        self.stop().await;
        if by_itself { Err(Fault::bug("the node's main thread ended by itself; the log says why")) } else { Ok(()) }
    }

    /// Stops in order: nothing more is taken, what was sent leaves, the store is closed, the socket's file is gone.
    pub async fn stop(self) {
        self.driver.stop().await;
        drop(self.server);
    }
}

/// Says whether other accounts may look into the folder.
pub fn look_at(folder: &Folder, conditions: &Conditions) {
    let here = folder.path().display();
    let sentence = folder.open_to_others().then(|| format!("other accounts of this machine may look into {here}"));
    conditions.hold(conditions::FOLDER_OPEN, Severity::Warning, sentence, Some(&format!("chmod 700 {here}")));
}

fn addresses(texts: &[String]) -> Result<Vec<Multiaddr>> {
    texts.iter().map(|text| address::parse(text)).collect()
}

/// IPv6 only where the machine has it.
fn everywhere() -> Result<Vec<Multiaddr>> {
    let mut texts = vec![format!("/ip4/0.0.0.0/udp/{PORT}/quic-v1"), format!("/ip4/0.0.0.0/tcp/{PORT}")];
    if std::net::UdpSocket::bind((std::net::Ipv6Addr::UNSPECIFIED, 0)).is_ok() {
        texts.extend([format!("/ip6/::/udp/{PORT}/quic-v1"), format!("/ip6/::/tcp/{PORT}")]);
    }
    addresses(&texts)
}
