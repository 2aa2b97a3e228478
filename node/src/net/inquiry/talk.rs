//! What is said in AutoNAT v2 (libp2p's specification, `autonat/autonat-v2.md`) by who asks: messages, each behind its length as a varint.

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::{Multiaddr, StreamProtocol};
use std::io::{Error, ErrorKind, Result};

/// To ask.
pub const REQUEST: StreamProtocol = StreamProtocol::new("/libp2p/autonat/2/dial-request");
/// To come back.
pub const BACK: StreamProtocol = StreamProtocol::new("/libp2p/autonat/2/dial-back");

/// Bytes of one message.
const MESSAGE: usize = 4_104;
/// Bytes of the nonce's message.
const NONCE: usize = 10;
/// Bytes that who is asked may want first, so that nobody is sent against others for little.
const WANTED: std::ops::RangeInclusive<u64> = 30_000..=100_000;
/// Bytes of these in one message.
const FILLING: u64 = 4_096;
const OK: i32 = 200;
const DIAL_ERROR: i32 = 100;
const DIAL_BACK_ERROR: i32 = 101;

#[derive(Clone, PartialEq, prost::Message)]
struct Message {
    #[prost(message, optional, tag = "1")]
    request: Option<Request>,
    #[prost(message, optional, tag = "2")]
    response: Option<Response>,
    #[prost(message, optional, tag = "3")]
    wants: Option<Wants>,
    #[prost(message, optional, tag = "4")]
    filling: Option<Filling>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Request {
    #[prost(bytes = "vec", repeated, tag = "1")]
    addresses: Vec<Vec<u8>>,
    #[prost(fixed64, tag = "2")]
    nonce: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Response {
    #[prost(int32, tag = "1")]
    status: i32,
    #[prost(uint32, tag = "2")]
    address: u32,
    #[prost(int32, tag = "3")]
    dialled: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Wants {
    #[prost(uint32, tag = "1")]
    address: u32,
    #[prost(uint64, tag = "2")]
    bytes: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Filling {
    #[prost(bytes = "vec", tag = "1")]
    bytes: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Back {
    #[prost(fixed64, tag = "1")]
    nonce: u64,
}

/// Its one status is the default, so it has no bytes.
#[derive(Clone, PartialEq, prost::Message)]
struct Heard {
    #[prost(int32, tag = "1")]
    status: i32,
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), message: &impl prost::Message) -> Result<()> {
    stream.write_all(&message.encode_length_delimited_to_vec()).await?;
    stream.flush().await
}

async fn read<M: prost::Message + Default>(stream: &mut (impl AsyncRead + Unpin), most: usize) -> Result<M> {
    let (mut length, mut shift, mut more) = (0, 0, true);
    while more && shift <= 7 {
        let mut byte = [0];
        stream.read_exact(&mut byte).await?;
        let [byte] = byte;
        length |= usize::from(byte & 0x7f) << shift;
        (shift, more) = (shift + 7, byte & 0x80 != 0);
    }
    if more || length > most {
        return Err(Error::new(ErrorKind::InvalidData, format!("a message of more than {most} bytes")));
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await?;
    M::decode(bytes.as_slice()).map_err(|e| Error::new(ErrorKind::InvalidData, e))
}

/// Asks a member to come to this address with this nonce. Whether it says that it came.
///
/// # Errors
/// It gave no answer of use.
pub async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), address: &Multiaddr, nonce: u64) -> Result<bool> {
    let request = Some(Request { addresses: vec![address.to_vec()], nonce });
    send(stream, &Message { request, ..Message::default() }).await?;
    let mut answer: Message = read(stream, MESSAGE).await?;
    if let Some(wants) = &answer.wants {
        fill(stream, wants).await?;
        answer = read(stream, MESSAGE).await?;
    }
    let none = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
    let response = answer.response.ok_or_else(|| none("no answer to what was asked"))?;
    // The other side may have closed already.
    let _ = stream.close().await;
    match (response.status, response.address, response.dialled) {
        (OK, 0, OK) => Ok(true),
        (OK, 0, DIAL_ERROR | DIAL_BACK_ERROR) => Ok(false),
        (status, ..) => Err(none(&format!("it does not do it (status {status})"))),
    }
}

async fn fill(stream: &mut (impl AsyncWrite + Unpin), wants: &Wants) -> Result<()> {
    if wants.address != 0 || !WANTED.contains(&wants.bytes) {
        let why = format!("{} bytes were wanted for address {}", wants.bytes, wants.address);
        return Err(Error::new(ErrorKind::InvalidData, why));
    }
    let mut left = wants.bytes;
    while left > 0 {
        let some = left.min(FILLING);
        let filling = Some(Filling { bytes: vec![0; usize::try_from(some).unwrap_or_default()] });
        send(stream, &Message { filling, ..Message::default() }).await?;
        left -= some;
    }
    Ok(())
}

/// The nonce that who came back says.
///
/// # Errors
/// It says none.
pub async fn nonce(stream: &mut (impl AsyncRead + Unpin)) -> Result<u64> {
    read::<Back>(stream, NONCE).await.map(|back| back.nonce)
}

/// Tells who came back that it was heard.
///
/// # Errors
/// It is gone.
pub async fn heard(stream: &mut (impl AsyncWrite + Unpin)) -> Result<()> {
    send(stream, &Heard::default()).await?;
    stream.close().await
}

#[cfg(test)]
mod tests;
