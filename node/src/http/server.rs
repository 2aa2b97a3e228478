//! The socket and its connections.

use crate::api::{Failure, Outcome};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Connections at once; a browser opens six.
const CONNECTIONS: usize = 256;
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
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(slot) = slots.clone().acquire_owned().await else { break };
            let stream = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(e) => {
                        // Out of file descriptors, most likely: trying at once would spin.
                        tracing::warn!(error = %e, "a web connection could not be taken");
                        tokio::time::sleep(Duration::from_millis(200)).await;
                        continue;
                    }
                },
                () = stopped(&mut stop) => break,
            };
            let (router, stop) = (router.clone(), stop.clone());
            tokio::spawn(async move {
                connection(stream, router, stop).await;
                drop(slot);
            });
        }
        drop(self.listener);
        let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
        let _ended_or_cut = tokio::time::timeout(STOPPING, slots.acquire_many(all)).await;
    }
}

/// Ends when `stop` is true or its sender is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _true_or_gone = stop.wait_for(|stop| *stop).await.is_ok();
}

async fn connection(stream: TcpStream, router: Router, mut stop: watch::Receiver<bool>) {
    // The time limit's own answer carries the headers of all others.
    let router =
        router.layer(axum::middleware::from_fn(limit_time)).layer(axum::middleware::from_fn(super::headers::add));
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

async fn limit_time(request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response {
    use axum::response::IntoResponse;
    tokio::time::timeout(REQUEST, next.run(request))
        .await
        .unwrap_or_else(|_| (axum::http::StatusCode::REQUEST_TIMEOUT, "This took too long.\n").into_response())
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
