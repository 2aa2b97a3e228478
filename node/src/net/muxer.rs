//! Streams over one TCP connection or one circuit: yamux, bounded.
//!
//! Each stream may hold 256 KiB that nobody read yet, and libp2p's own upgrade lets the other side open 512 of them, keeps 256 that nobody asked
//! for, and lets what one connection holds grow to 1 GiB. Whoever has no key could so take all memory of a machine. Here a connection has
//! [`STREAMS`] streams, which hold [`WINDOW`] bytes together, and of those that nobody took over yet [`WAITING`] stay: the next is reset.

use futures::{AsyncRead, AsyncWrite, future};
use libp2p::core::UpgradeInfo;
use libp2p::core::muxing::{StreamMuxer, StreamMuxerEvent};
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use yamux::{Config, Connection, ConnectionError, Mode, Stream};

/// Streams of one connection, both ways: a relay has one for each circuit of its peer, of which there are 32.
const STREAMS: usize = 64;
/// Bytes that all streams of one connection hold unread at most: yamux lets each begin with 256 KiB, and those that are read grow by the rest,
/// which a line of half a second there and back needs for its pages.
const WINDOW: usize = (STREAMS + 16) * 256 * 1024;
/// Streams that came and that the node did not take over yet.
const WAITING: usize = 8;

/// Lays streams over a connection.
#[derive(Debug, Clone, Copy)]
pub struct Muxing;

impl Muxing {
    fn over<C: AsyncRead + AsyncWrite + Send + Unpin + 'static>(connection: C, mode: Mode) -> Muxer<C> {
        let mut config = Config::default();
        // The window first: each bound is held against the other.
        config.set_max_num_streams(STREAMS).set_max_connection_receive_window(Some(WINDOW));
        Muxer { connection: Connection::new(connection, config, mode), waiting: VecDeque::new(), asks: None }
    }
}

impl UpgradeInfo for Muxing {
    type Info = &'static str;
    type InfoIter = std::iter::Once<&'static str>;

    fn protocol_info(&self) -> Self::InfoIter {
        std::iter::once("/yamux/1.0.0")
    }
}

impl<C: AsyncRead + AsyncWrite + Send + Unpin + 'static> InboundConnectionUpgrade<C> for Muxing {
    type Output = Muxer<C>;
    type Error = Infallible;
    type Future = future::Ready<Result<Muxer<C>, Infallible>>;

    fn upgrade_inbound(self, connection: C, _: &'static str) -> Self::Future {
        future::ready(Ok(Self::over(connection, Mode::Server)))
    }
}

impl<C: AsyncRead + AsyncWrite + Send + Unpin + 'static> OutboundConnectionUpgrade<C> for Muxing {
    type Output = Muxer<C>;
    type Error = Infallible;
    type Future = future::Ready<Result<Muxer<C>, Infallible>>;

    fn upgrade_outbound(self, connection: C, _: &'static str) -> Self::Future {
        future::ready(Ok(Self::over(connection, Mode::Client)))
    }
}

/// A connection with its streams.
#[derive(Debug)]
pub struct Muxer<C> {
    connection: Connection<C>,
    waiting: VecDeque<Stream>,
    /// Who asked for the next stream that comes.
    asks: Option<Waker>,
}

impl<C: AsyncRead + AsyncWrite + Unpin> Muxer<C> {
    /// yamux goes on, reading and writing for all streams, only while it is asked for the next one.
    fn came(&mut self, cx: &mut Context<'_>) -> Poll<Result<Stream, ConnectionError>> {
        self.connection.poll_next_inbound(cx).map(|came| came.unwrap_or(Err(ConnectionError::Closed)))
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> StreamMuxer for Muxer<C> {
    type Substream = Stream;
    type Error = ConnectionError;

    fn poll_inbound(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Stream, ConnectionError>> {
        let muxer = self.get_mut();
        if let Some(stream) = muxer.waiting.pop_front() {
            return Poll::Ready(Ok(stream));
        }
        let came = muxer.came(cx);
        if came.is_pending() {
            muxer.asks = Some(cx.waker().clone());
        }
        came
    }

    fn poll_outbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Stream, ConnectionError>> {
        self.connection.poll_new_outbound(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
        self.connection.poll_close(cx)
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<StreamMuxerEvent, ConnectionError>> {
        let muxer = self.get_mut();
        match muxer.came(cx) {
            Poll::Ready(Ok(stream)) => {
                if muxer.waiting.len() < WAITING {
                    muxer.waiting.push_back(stream);
                    if let Some(asks) = muxer.asks.take() {
                        asks.wake();
                    }
                } else {
                    // Dropped, it is reset.
                    drop(stream);
                }
                // Others have their turn before the next.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(Err(broken)) => Poll::Ready(Err(broken)),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{AsyncReadExt, AsyncWriteExt};
    use std::future::poll_fn;
    use tokio_util::compat::TokioAsyncReadCompatExt;

    /// One more look at both ends, of far more than they need: what never comes is no reason to wait for ever.
    fn again(cx: &Context<'_>, rounds: &mut usize) {
        *rounds += 1;
        assert!(*rounds < 10_000, "nothing was refused");
        cx.waker().wake_by_ref();
    }

    /// Streams that a stranger's own yamux opens, each with a word, and what comes back on each: its end, or nothing yet.
    #[tokio::test]
    async fn of_streams_that_nobody_takes_a_few_wait_and_the_others_are_reset() {
        let (here, there) = tokio::io::duplex(1 << 20);
        let mut muxer = Muxing::over(here.compat(), Mode::Server);
        let mut stranger = Connection::new(there.compat(), Config::default(), Mode::Client);
        let mut opened = Vec::new();
        for _ in 0..WAITING + 3 {
            opened.push(poll_fn(|cx| stranger.poll_new_outbound(cx)).await.unwrap());
        }
        for stream in &mut opened {
            stream.write_all(b"word").await.unwrap();
        }
        let (mut ended, mut rounds) = (0, 0);
        poll_fn(|cx| {
            again(cx, &mut rounds);
            let _ = Pin::new(&mut muxer).poll(cx);
            let _ = stranger.poll_next_inbound(cx);
            let mut byte = [0];
            opened.retain_mut(|stream| {
                let over = Pin::new(stream).poll_read(cx, &mut byte).is_ready();
                ended += usize::from(over);
                !over
            });
            if ended == 3 { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        assert_eq!((muxer.waiting.len(), opened.len()), (WAITING, WAITING));
        // Those that wait can still be taken, with what was said on them.
        let mut first = poll_fn(|cx| Pin::new(&mut muxer).poll_inbound(cx)).await.unwrap();
        let mut word = [0; 4];
        first.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"word");
    }

    #[tokio::test]
    async fn a_connection_has_so_many_streams_and_ends_with_one_more() {
        let (here, there) = tokio::io::duplex(1 << 20);
        let mut muxer = Muxing::over(here.compat(), Mode::Server);
        let mut stranger = Connection::new(there.compat(), Config::default(), Mode::Client);
        let mut opened = Vec::new();
        for _ in 0..=STREAMS {
            let mut stream = poll_fn(|cx| stranger.poll_new_outbound(cx)).await.unwrap();
            stream.write_all(b"word").await.unwrap();
            opened.push(stream);
        }
        let (mut taken, mut rounds) = (Vec::new(), 0);
        let broken = poll_fn(|cx| {
            again(cx, &mut rounds);
            let _ = stranger.poll_next_inbound(cx);
            loop {
                match Pin::new(&mut muxer).poll_inbound(cx) {
                    Poll::Ready(Ok(stream)) => taken.push(stream),
                    Poll::Ready(Err(broken)) => return Poll::Ready(broken),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await;
        assert!(matches!(broken, ConnectionError::Closed | ConnectionError::TooManyStreams), "{broken}");
        assert_eq!(taken.len(), STREAMS);
    }
}
