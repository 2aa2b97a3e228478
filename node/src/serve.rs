//! The whole of a running node: use cases on the driver, the control socket, and the web pages where they are asked for.

use crate::api::{Failure, Outcome};
use crate::http::server::Server;
use crate::notices::{self, Notifier};
use crate::ops::conditions::Severity;
use crate::run::{self, Options};
use crate::usecases::desk::Desk;
use crate::usecases::directory::Writer;
use crate::usecases::identity;
use crate::usecases::office::{Office, PHRASE};
use crate::usecases::worklist;
use crate::web::{App, Node};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Runs a node with all its use cases until it is told to stop. `http`: where to serve the pages, such as `127.0.0.1:4871`;
/// `notifier`: what tells staff that something waits.
///
/// # Errors
/// A folder that holds no node or is in use, a wrong passphrase, a port that is taken, an address for the pages that others can
/// reach; or the end of the driver by a bug.
pub async fn run(options: Options, http: Option<&str>, notifier: Option<Notifier>) -> Outcome<()> {
    // Before the store is opened: what is wrong with the address is said at once.
    let server = match http {
        Some(address) => Some(Server::bind(address).await?),
        None => None,
    };
    let url = server.as_ref().map(Server::url);
    let writer = Arc::new(Writer::default());
    let imports = Arc::clone(&writer);
    let desk = Box::new(Desk::new(Arc::clone(&writer), options.conditions.clone()));
    let folder = options.folder.clone();
    let mut made = None;
    let running = run::start(options, desk, |driver, stop| {
        imports.go_on(driver.clone());
        let office = Arc::new(Office::new(driver, writer, stop, url, folder));
        made = Some(Arc::clone(&office));
        office
    })
    .await?;
    let driver = running.driver();
    if !driver.query(|_, store| identity::phrase_checked(store)).await? {
        driver.conditions().set(
            PHRASE,
            Severity::Warning,
            "nobody has checked the recovery phrase back; without it, what this machine loses is lost",
            Some("belay phrase check"),
        );
    }
    if let Some(office) = &made {
        office.go_on_joining();
    }
    tokio::spawn(worklist::watch(driver.clone()));
    if let Some(notifier) = notifier {
        tokio::spawn(notices::watch(driver.clone(), notifier));
    }
    let pages = match (server, made) {
        (Some(server), Some(office)) => Some(pages(server, office)?),
        _ => None,
    };
    running.until_stopped().await?;
    if let Some(pages) = pages {
        pages.stop.send_replace(true);
        let _ended = pages.serving.await;
    }
    Ok(())
}

struct Pages {
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

fn pages(server: Server, office: Arc<Office>) -> Outcome<Pages> {
    let app = App::new(Node::new(office), server.address().port())
        .map_err(|error| Failure::failed(format!("the system gives no randomness: {error}")))?;
    tracing::info!(address = %server.address(), "serves pages");
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(server.serve(app.router(), stopped));
    Ok(Pages { stop, serving })
}
