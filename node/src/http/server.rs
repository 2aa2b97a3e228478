//! The socket and its connections.

use crate::api::{Failure, Outcome};
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use places::{Place, Places};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

mod places;

/// Time for the head of a request, and so for a kept connection without one.
const HEAD: Duration = Duration::from_secs(15);
/// Bytes for the head of a request.
const HEAD_BYTES: usize = 32 * 1024;
/// Time for one request from head to answer. Argon2id on a slow machine takes a second or two.
const REQUEST: Duration = Duration::from_secs(30);
/// Time for the answers under way when the node stops.
const STOPPING: Duration = Duration::from_secs(3);

/// A bound socket, so that its address is known before anything is served.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Binds an address of this machine, such as `127.0.0.1:4871`; port 0 takes any free one.
    ///
    /// # Errors
    /// Not an address, not of this machine alone, or taken; says what to type.
    pub async fn bind(address: &str) -> Outcome<Self> {
        let wanted = parse(address)?;
        let hint = "belay run --http 127.0.0.1:0";
        let listener = TcpListener::bind(wanted).await.map_err(|e| match e.kind() {
            std::io::ErrorKind::AddrInUse => {
                Failure::misuse(format!("the address {wanted} for the web pages is taken by another program"))
                    .next(hint)
            }
            _ => Failure::misuse(format!("the web pages can not be served at {wanted}: {e}")).next(hint),
        })?;
        let address = listener.local_addr().map_err(|e| Failure::failed(format!("the socket has no address: {e}")))?;
        Ok(Self { listener, address })
    }

    /// Where it really listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to type into a browser.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves until `stop` is true or its sender is gone; answers under way get a few seconds.
    pub async fn serve(self, router: Router, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Places::default());
        // Each connection holds a sender: the receiver ends with the last of them.
        let (under_way, mut ended) = mpsc::channel::<()>(1);
        loop {
            let (stream, from) = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(e) => {
                        // Out of file descriptors, most likely: trying at once would spin.
                        tracing::warn!(error = %e, "a web connection could not be taken");
                        tokio::time::sleep(Duration::from_millis(200)).await;
                        continue;
                    }
                },
                () = stopped(&mut stop) => break,
            };
            let (router, stop, under_way) = (router.clone(), stop.clone(), under_way.clone());
            let place = Arc::new(places.enter(from.ip()));
            tokio::spawn(async move {
                let serving = connection(stream, router, stop, &place);
                tokio::select! {
                    () = serving => {}
                    () = place.called_away() => {}
                }
                drop(under_way);
            });
        }
        drop((self.listener, under_way));
        let _ended_or_cut = tokio::time::timeout(STOPPING, ended.recv()).await;
    }
}

/// Ends when `stop` is true or its sender is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _true_or_gone = stop.wait_for(|stop| *stop).await.is_ok();
}

/// The connection over which a request came, among its extensions.
#[derive(Clone)]
pub struct Caller(Arc<Place>);

impl Caller {
    /// Somebody who is signed in asks.
    pub fn is_signed_in(&self) {
        self.0.is_members();
    }
}

async fn connection(stream: TcpStream, router: Router, mut stop: watch::Receiver<bool>, place: &Arc<Place>) {
    let router = limited(router, REQUEST, Caller(Arc::clone(place)));
    let mut serving = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
    );
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stopped(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(e) = ended {
        // Browsers drop connections all the time; nothing of the request stands in this error.
        tracing::debug!(error = %e, "a web connection ended");
    }
}

/// Each request in its time, with the place of its connection. The time limit's own answer carries the headers of all others.
fn limited(router: Router, limit: Duration, caller: Caller) -> Router {
    let in_time = move |request: Request, next: Next| {
        let caller = caller.clone();
        async move {
            caller.0.works(true);
            let answered = tokio::time::timeout(limit, pass(request, next, caller.clone())).await;
            caller.0.works(false);
            answered.unwrap_or_else(|_| (StatusCode::REQUEST_TIMEOUT, "This took too long.\n").into_response())
        }
    };
    router.layer(from_fn(in_time)).layer(from_fn(super::headers::add))
}

async fn pass(mut request: Request, next: Next, caller: Caller) -> Response {
    request.extensions_mut().insert(caller);
    next.run(request).await
}

fn parse(address: &str) -> Outcome<SocketAddr> {
    let hint = "belay run --http 127.0.0.1:4871";
    let named = address.strip_prefix("localhost:").map(|port| format!("{}:{port}", Ipv4Addr::LOCALHOST));
    let parsed: SocketAddr = named.as_deref().unwrap_or(address).parse().map_err(|_| {
        Failure::misuse(format!("--http takes an address and a port of this machine, not {address:?}")).next(hint)
    })?;
    let loopback = match parsed.ip() {
        IpAddr::V4(ip) => ip == Ipv4Addr::LOCALHOST,
        IpAddr::V6(ip) => ip.is_loopback(),
    };
    if loopback {
        return Ok(parsed);
    }
    Err(Failure::misuse(format!(
        "the web pages are for this machine only: {} can be reached from others, 127.0.0.1 can not",
        parsed.ip()
    ))
    .next(hint))
}

#[cfg(test)]
mod tests;
